// What a first visit loads before the page hydrates, as it is really sent.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { launch, visit } from "../browser.mjs";
import { Console } from "../console.mjs";
import { until } from "../wait.mjs";

/** In the page: what was loaded of the site, in bytes as sent and as unpacked. */
function loaded() {
  return performance
    .getEntriesByType("resource")
    .map(({ name, encodedBodySize, decodedBodySize }) => ({ path: new URL(name).pathname, sent: encodedBodySize, raw: decodedBodySize }))
    .filter(({ path }) => /\.(js|wasm)$/.test(path));
}

/** A page of each area of the console (app/src/area.rs). */
const AREAS = [
  { area: "operations", path: "/" },
  { area: "resources", path: "/resources" },
  { area: "services", path: "/deployment/ytempire/backend" },
  { area: "backups", path: "/backups" },
  { area: "administration", path: "/settings" },
];

/** The scripts and wasm files that a first visit to the page at `path` loads. */
async function filesOf(browser, running, path, tell) {
  const context = await browser.createBrowserContext();
  try {
    const codings = new Map();
    const page = await visit(context, running, path, (page) => {
      page.on("response", (response) => codings.set(new URL(response.url()).pathname, response.headers()["content-encoding"]));
    });
    const files = await until("the wasm file loaded", 30, async () => {
      const files = await page.evaluate(loaded);
      return files.some(({ path, sent }) => path.endsWith(".wasm") && sent > 0) && files;
    });
    for (const { path, sent } of files) tell(`${path}: ${sent} B, ${codings.get(path) ?? "as it is"}`);
    const plain = files.find(({ path, sent, raw }) => codings.get(path) !== "br" && raw > 512 && sent >= raw);
    if (plain) throw new Error(`${plain.path} came without brotli`);
    return files;
  } finally {
    await context.close();
  }
}

/** Takes the figure. */
export async function measure(tell) {
  const manifest = JSON.parse(readFileSync(join(process.env.YTOPS_SITE, "manifest.json"), "utf8"));
  if (manifest.dev) throw new Error("the site was built for development");
  const running = await Console.start(process.env.DOCKER_HOST);
  const browser = await launch();
  try {
    const rows = [];
    for (const { area, path } of AREAS) {
      const files = await filesOf(browser, running, path, tell);
      const kilobytes = (of) => files.reduce((sum, file) => sum + of(file), 0) / 1000;
      rows.push({
        figure: `first load of ${area}, wasm + scripts as sent (brotli)`,
        measured: kilobytes((file) => file.sent),
        unit: "kB",
        limit: manifest.first_load_limit / 1000,
        peer: { name: "uncompressed", value: kilobytes((file) => file.raw) },
        note: `${files.length} files`,
      });
    }
    return rows;
  } finally {
    await browser.close();
    await running.remove();
  }
}
