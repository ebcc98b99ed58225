// What a stored sample takes on disk.

import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { hostname } from "node:os";

import { build, run, withDatabase } from "../example.mjs";

const RECORD_S = 65 * 60;
const HOURS = 14 * 24;

/** A recording of this machine of an hour or more, made where there is none. */
async function recording(tell) {
  const folder = `${process.env.YTOPS_CACHE}/bench`;
  const path = `${folder}/recording-${hostname()}.txt`;
  if (!existsSync(path)) {
    tell(`recording this machine for ${RECORD_S / 60} minutes`);
    mkdirSync(folder, { recursive: true });
    await run(build("record", "collect"), [String(RECORD_S), `${path}.part`]);
    renameSync(`${path}.part`, path);
  }
  const ats = readFileSync(path, "utf8").match(/^F \d+/gm).map((line) => Number(line.slice(2)));
  const minutes = (ats.at(-1) - ats[0]) / 60_000;
  if (minutes < 60) throw new Error(`${path} holds ${minutes.toFixed(0)} minutes, an hour is wanted: remove it`);
  return { path, minutes };
}

/** Takes the figure. */
export async function measure(tell) {
  const { path, minutes } = await recording(tell);
  const program = build("samples", "ops");
  const told = await withDatabase((url) => run(program, [url, path, String(HOURS)]));
  tell(told.trim());
  const number = (pattern) => Number(told.match(pattern)[1]);
  const [samples, all] = [number(/^tier of 1 s: .* ([\d.]+) bytes\/sample$/m), number(/^all: ([\d.]+) bytes\/sample$/m)];
  const series = number(/^recording: (\d+) series/m);
  const note = `${minutes.toFixed(0)} minutes of this machine, ${series} series in all, played for ${HOURS / 24} days`;
  const peer = { name: "netdata's first tier, as its documents say", value: 0.6 };
  return [
    { figure: "bytes stored for a sample of 1 s, everything counted", measured: samples, unit: "B", limit: 0.4, peer, note },
    { figure: "the same with its summaries by the minute and the hour", measured: all, unit: "B", limit: 0.4, peer },
  ];
}
