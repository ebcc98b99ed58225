// Takes each figure in turn and prints them as one table; `--write` keeps the table in docs/figures.md.

import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";

import { document, table } from "./report.mjs";

const FIGURES = ["event", "deployment", "sign-in", "first-load", "lighthouse", "axe", "memory",
  "resources-rest", "resources-bytes", "resources-charts", "resources-streams", "resources-pixel", "resources-agents", "backups", "backups-memory"];

const args = process.argv.slice(2);
const wanted = args.filter((arg) => arg !== "--write");
const unknown = wanted.filter((name) => !FIGURES.includes(name));
if (unknown.length > 0) {
  console.error(`There is no figure ${unknown.join(", ")}; there are ${FIGURES.join(", ")}.`);
  process.exit(2);
}

const busy = loadavg()[0];
if (busy > 0.5) console.error(`The machine is not idle (load ${busy.toFixed(1)}); the figures suffer from it.`);

const rows = [];
for (const name of FIGURES) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`\n== ${name}`);
  const { measure } = await import(`./figures/${name}.mjs`);
  try {
    rows.push(...(await measure((line) => console.error(line))));
  } catch (error) {
    console.error(error);
    rows.push({ figure: name, failed: String(error.message ?? error).split("\n")[0] });
  }
}

console.log(`\n${table(rows)}`);
if (args.includes("--write")) {
  const path = new URL("../../docs/figures.md", import.meta.url);
  writeFileSync(path, document(rows, busy));
  console.error("written to docs/figures.md");
}
// A figure that misses its limit is told, not failed; one that could not be taken fails.
process.exit(rows.some((row) => row.failed) ? 1 : 0);
