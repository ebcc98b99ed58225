// Backups and restores against the handbook's way, on the same data.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ownersUrl } from "../console.mjs";
import { build, run } from "../example.mjs";

const MEGABYTES = 800;

/** Takes the figures. */
export async function measure(tell) {
  const program = build("figures", "backup");
  const folder = mkdtempSync(join(tmpdir(), "ytops-bench-backups-"));
  try {
    const told = await run(program, [ownersUrl("postgres"), folder, String(MEGABYTES)]);
    tell(told.trim());
    const lines = told.trim().split("\n").map((line) => line.split("\t"));
    const of = (name) => {
      const line = lines.find((line) => line[0] === name);
      return { ours: Number(line[1]), other: Number(line[2]) };
    };
    const seconds = (figure, name, peer, limit) => {
      const { ours, other } = of(name);
      return { figure, measured: ours, unit: "s", limit: limit(other), peer: { name: peer, value: other } };
    };
    const added = of("second backup adds");
    return [
      { ...seconds("backup of a database, read and stored", "backup", "pg_dump | gzip", (other) => other / 2), note: `${of("database").ours} MB` },
      {
        figure: "what a second backup adds, a day later", measured: added.ours, unit: "MB", limit: added.other / 10,
        peer: { name: "the first", value: added.other },
      },
      seconds("restore beside the live database, compared and switched to", "restore", "gunzip | psql", (other) => other / 1.3),
      seconds("writers' pause of a restore", "writers' pause", "gunzip | psql", () => 2),
      seconds("undo of a restore", "undo", "gunzip | psql", () => 3),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
