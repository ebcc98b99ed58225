// CPU time and memory of a process and all that it started.

import { readFileSync, readdirSync } from "node:fs";

function stat(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]), reaped: Number(fields[13]) + Number(fields[14]) };
}

/** `pid` and its descendants. */
function family(pid) {
  const parents = new Map();
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      parents.set(Number(name), stat(name).parent);
    } catch {
      // It ended meanwhile.
    }
  }
  const found = [pid];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found;
}

/** CPU seconds that a process and all it started have used so far, those that ended included. */
export function cpuSeconds(pid) {
  let ticks = 0;
  for (const one of family(pid)) {
    try {
      const { ticks: own, reaped } = stat(one);
      ticks += own + reaped;
    } catch {
      // It ended meanwhile; its parent counts it.
    }
  }
  return ticks / 100;
}

/** Resident memory of a process and all it started, in MB (10^6 bytes). */
export function megabytes(pid) {
  let kilobytes = 0;
  for (const one of family(pid)) {
    try {
      kilobytes += Number(readFileSync(`/proc/${one}/status`, "utf8").match(/^VmRSS:\s+(\d+) kB/m)?.[1] ?? 0);
    } catch {
      // It ended meanwhile.
    }
  }
  return (kilobytes * 1024) / 1e6;
}
