// How long charts take and how large they are, whatever their range.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { build, run, withDatabase } from "../example.mjs";

const RANGES = ["5 min", "1 h", "6 h", "1 d", "7 d", "30 d", "90 d", "1 y"];

/** A duration as Rust prints it, in milliseconds. */
function milliseconds(text) {
  const [, number, unit] = text.match(/^([\d.]+)(ns|µs|ms|s)$/);
  return Number(number) * { ns: 1e-6, "µs": 1e-3, ms: 1, s: 1000 }[unit];
}

/** Takes the figure. */
export async function measure(tell) {
  const program = build("charts", "ops");
  const folder = mkdtempSync(join(tmpdir(), "ytops-charts-"));
  try {
    const told = await withDatabase((url) => run(program, [url, folder]));
    tell(told.trim());
    const of = (range) => {
      const [, p50, p99] = told.match(new RegExp(`^${range}: p50 ([^,]+), p99 ([^,]+),`, "m"));
      return { p50: milliseconds(p50), p99: milliseconds(p99) };
    };
    const shortest = of(RANGES[0]);
    const rows = RANGES.map((range) => ({
      figure: `chart over ${range}, 200 series stored, p99`,
      measured: of(range).p99,
      unit: "ms",
      limit: 15,
      note: `p50 ${of(range).p50.toFixed(1)}`,
      peer: range === RANGES[0] ? undefined : { name: `over ${RANGES[0]}`, value: shortest.p99 },
    }));
    const sizes = RANGES.map((range) => gzipSync(readFileSync(join(folder, `${range.replace(" ", "-")}.json`))).length / 1000);
    tell(`gzip: ${RANGES.map((range, at) => `${range} ${sizes[at].toFixed(1)} kB`).join(", ")}`);
    rows.push({
      figure: "chart, 500 points, the largest of these (gzip)",
      measured: Math.max(...sizes),
      unit: "kB",
      limit: 20,
      peer: { name: "the smallest of these", value: Math.min(...sizes) },
    });
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
