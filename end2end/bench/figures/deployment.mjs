// The Deployment page with 500 services under a constant load.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Console } from "../console.mjs";
import { constantRate } from "../load.mjs";
import { percentile } from "../statistics.mjs";
import { until } from "../wait.mjs";

const RATE = 100;
const SECONDS = 30;
const WARM_UP = 10;
const SERVICES = 500;

async function fakeEngine(folder) {
  const socket = join(folder, "engine.sock");
  const program = fileURLToPath(new URL("../fake_engine.mjs", import.meta.url));
  const engine = spawn(process.execPath, [program, socket, folder], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    engine.stdout.once("data", resolve);
    engine.once("exit", (code) => reject(new Error(`the fake engine ended with ${code}`)));
  });
  return { engine, host: `unix://${socket}` };
}

const rows = (text) => text.match(/<a[^>]*href="\/deployment\/load-\d\/worker-\d{3}"[^>]*>\s*(<!-*>)?\s*worker-/g)?.length ?? 0;

/** Takes the figure. */
export async function measure(tell) {
  const folder = mkdtempSync(join(tmpdir(), "ytops-fake-engine-"));
  const { engine, host } = await fakeEngine(folder);
  let running;
  try {
    running = await Console.start(host);
    const page = await until(`${SERVICES} services on the page`, 60, async () => {
      const page = await running.page("/deployment");
      return page.status === 200 && rows(page.text) >= SERVICES && page;
    });
    tell(`the page has ${Math.round(page.text.length / 1000)} kB`);
    const load = (path, seconds) => constantRate({ url: running.url + path, headers: { cookie: running.cookie }, rate: RATE, seconds });
    const bare = await load("/healthz", WARM_UP);
    // One at a time first: what a page costs is known even where the rate is beyond what the machine renders.
    const idle = running.cpuSeconds();
    const alone = await constantRate({ url: `${running.url}/deployment`, headers: { cookie: running.cookie }, rate: 5, seconds: 6 });
    const each = ((running.cpuSeconds() - idle) * 1000) / alone.length;
    tell(`at 5 requests/s: p50 ${percentile(alone, 0.5).toFixed(1)} ms, p99 ${percentile(alone, 0.99).toFixed(1)} ms; ${each.toFixed(1)} ms of CPU a page`);
    await load("/deployment", WARM_UP);
    const before = running.cpuSeconds();
    const loaded = await load("/deployment", SECONDS);
    const cpu = ((running.cpuSeconds() - before) * 1000) / loaded.length;
    const shares = [0.5, 0.9, 0.99, 1].map((share) => percentile(loaded, share).toFixed(1));
    tell(`p50, p90, p99, max: ${shares.join(", ")} ms; ${cpu.toFixed(1)} ms of CPU a page; ${running.megabytes("VmRSS").toFixed(0)} MB`);
    return [
      {
        figure: `Deployment page, ${SERVICES} services, ${RATE} requests/s, p99`,
        measured: percentile(loaded, 0.99),
        unit: "ms",
        limit: 25,
        peer: { name: `/healthz at ${RATE}/s, p99`, value: percentile(bare, 0.99) },
        note: `p50 ${shares[0]}, ${cpu.toFixed(1)} ms CPU each`,
      },
    ];
  } finally {
    await running?.remove();
    engine.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
