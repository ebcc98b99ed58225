// Figures as a table.
//
// A row: {figure, measured, unit, limit, atLeast, peer: {name, value}, note}, or {figure, failed}. `atLeast` says that
// more is better; else less is.

import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

const HEAD = ["figure", "measured", "limit", "measured / limit", "met", "peer of the same run", "measured / peer"];

function number(value) {
  if (value >= 1000) return Math.round(value).toLocaleString("en-GB");
  if (value >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return value.toFixed(value < 1 ? 2 : 1);
}

function cells(row) {
  if (row.failed) return [row.figure, `not taken: ${row.failed}`, "", "", "", "", ""];
  const unit = row.unit ? ` ${row.unit}` : "";
  const met = row.atLeast ? row.measured >= row.limit : row.measured <= row.limit;
  return [
    row.figure,
    `${number(row.measured)}${unit}${row.note ? ` (${row.note})` : ""}`,
    row.limit === undefined ? "" : `${row.atLeast ? "≥" : "≤"} ${number(row.limit)}${unit}`,
    row.limit ? (row.measured / row.limit).toFixed(2) : "",
    row.limit === undefined ? "" : met ? "yes" : "no",
    row.peer ? `${row.peer.name}: ${number(row.peer.value)}${unit}` : "",
    row.peer ? (row.measured / row.peer.value).toFixed(2) : "",
  ];
}

/** The rows as a Markdown table whose columns line up. */
export function table(rows) {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const line = (texts) => `| ${texts.map((text, column) => text.padEnd(widths[column])).join(" | ")} |`;
  return [line(HEAD), line(widths.map((width) => "-".repeat(width))), ...lines.slice(1).map(line)].join("\n");
}

/** docs/figures.md. */
export function document(rows, load) {
  const commit = execFileSync("git", ["log", "-1", "--format=%h of %cs"], { encoding: "utf8" }).trim();
  const machine = `${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `# Figures

Written by \`end2end/bench/run.sh --write\` (\`make bench\` prints the same). Each row was measured against its peer in one
run, on the release binary; the load generator, the browser, Postgres and the engine share the machine with the console.

Commit ${commit}; ${machine}; load ${load.toFixed(1)} before the start.

${table(rows)}

## How each is taken
- **Event to pixel**: a container of the sample platform is paused and let go on; from the engine's \`timeNano\` to the
  frame in Chromium that shows the new state, on the same clock. Peer: a bare reader of the same event stream.
- **Deployment page**: a fake engine (\`end2end/bench/fake_engine.mjs\`) lists 500 containers over the real protocol. Requests
  leave at fixed times whatever became of those before; a latency counts from when its request was due. Peer:
  \`/healthz\` at the same rate from the same generator.
- **Sign-in page**: \`wrk\`, 64 connections. Peer: \`/healthz\` of the same console, which renders nothing. A bare Leptos
  page would be the nearer peer; none is built here. One gave 15,862 /s on the machine that the limit was set on.
- **First load**: Chromium, nothing of the site in its cache, opens a page of each area; the sizes of all wasm and scripts,
  as they were sent.
- **Lighthouse**: its mobile profile with simulated throttling, three runs: the median of performance, the least of
  accessibility.
- **axe**: axe-core on every page in both themes, 1440 and 360 wide.
- **Resources at rest** (\`resources-rest\`): the console and Debian's netdata run side by side for two minutes beside the
  sample platform, nobody looking on; CPU time and resident memory of each with all its processes. Series: what the console
  stores of its host, and the dimensions that netdata lists.
- **Bytes a sample** (\`resources-bytes\`): a recording of this machine with the sample platform, as the row says, is
  played through the writer over and over until 14 days are full; then the tables are measured with all that belongs to
  them (\`server/ops/examples/samples.rs\`).
- **Charts** (\`resources-charts\`): 300 charts of one of 200 series, 500 points, out of a year that is full
  (\`server/ops/examples/charts.rs\`); series that are harder to pack than real ones.
- **Open pages** (\`resources-streams\`): CPU time of the console over a minute with 50 event streams of its host's samples,
  for each of which all charts are read anew once, as an open page does; less that over the minute before without. Time
  and size of those charts, as they were sent to somebody who accepts gzip.
- **Sample to pixel** (\`resources-pixel\`): from a sample's own time to the frame in Chromium that shows it on the page
  Resources, on the same clock; the collector's reading is part of it.
- **Agents** (\`resources-agents\`): hosts of 500 series each send a tick a second as \`ytops agent\` does, without TLS; CPU
  time of the console. Every tick was taken, none was refused or dropped.
- **Backups** (\`backups\`): a made-up database of text, jsonb and indexes is backed up with restic and with
  \`pg_dump | gzip\`, changed a little and backed up again, restored and undone, and restored with \`gunzip | psql\`
  (\`server/backup/examples/figures.rs\`). A backup is over when its manifest is stored; a restore when what was compared has
  become the live one. \`backups-memory\`: the console's resident set, looked at all the while, against that before.
- **Memory**: resident set of the console with the sample platform, after 60 s with one page open that was then closed;
  and once more after eight people signed in at once and read pages.
`;
}
