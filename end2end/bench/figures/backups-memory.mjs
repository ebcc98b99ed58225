// What the console takes in memory while 10 GB of files are backed up.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Console } from "../console.mjs";
import { sleep, until } from "../wait.mjs";

const FILES = 1000;
const FILE_BYTES = 10_000_000;
const MOST_S = 900;

/** Files that compress to nothing smaller and have no blocks alike. */
function fill(folder) {
  const each = `for n in $(seq ${FILES}); do head -c ${FILE_BYTES} /dev/urandom > ${folder}/$n.bin; done`;
  execFileSync("bash", ["-c", each], { stdio: ["ignore", "ignore", "inherit"] });
}

/** Asks the API, as a program does. */
function api(running) {
  const token = running.run("token", "add", "--role", "cto", "--name", "bench", "--days", "1");
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await fetch(`${running.url}/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text);
  };
}

/** Takes the figure. */
export async function measure(tell) {
  const folder = mkdtempSync(join(tmpdir(), "ytops-bench-files-"));
  fill(folder);
  const running = await Console.start(process.env.DOCKER_HOST);
  try {
    const ask = api(running);
    const target = await until("the target on this machine", 120, async () => (await ask("GET", "backup-targets")).targets[0]);
    const set = await ask("POST", "backup-sets", { name: "bench", paths: [folder], targets: [target.id], schedule: "" });
    await sleep(15_000);
    const rest = running.megabytes("VmRSS");
    const { operation } = await ask("POST", `backup-sets/${set.id}/run`);
    let most = 0;
    let began = 0;
    const phase = await until("the backup", MOST_S, async () => {
      most = Math.max(most, running.megabytes("VmRSS"));
      const { phase } = await ask("GET", `operations/${operation}`);
      if (phase === "running" && began === 0) began = performance.now();
      return ["queued", "running"].includes(phase) ? undefined : phase;
    });
    if (phase !== "succeeded") throw new Error(`the backup ${phase}`);
    const seconds = (performance.now() - began) / 1000;
    tell(`${rest.toFixed(1)} MB at rest, ${most.toFixed(1)} MB at most in ${seconds.toFixed(0)} s`);
    const note = `${(FILES * FILE_BYTES) / 1e9} GB in ${seconds.toFixed(0)} s`;
    return [{
      figure: "console's memory above rest while it backs up files, restic aside", measured: Math.max(0, most - rest),
      unit: "MB", limit: 100, peer: { name: "at rest", value: rest }, note,
    }];
  } finally {
    await running.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
