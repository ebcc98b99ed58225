// The Rust examples that measure, on databases of their own.

import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { asOwner, databaseUrl } from "./console.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Builds an example of a package; gives its path. */
export function build(name, from) {
  const args = ["build", "--locked", "--release", "--package", from, "--example", name];
  execFileSync("cargo", args, { cwd: ROOT, env: { ...process.env, SQLX_OFFLINE: "true" }, stdio: ["ignore", "ignore", "inherit"] });
  return `${process.env.CARGO_TARGET_DIR}/release/examples/${name}`;
}

/** Runs it and gives what it printed. */
export async function run(program, args) {
  const { stdout } = await promisify(execFile)(program, args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

/** Calls `use` with the address of an empty database. */
export async function withDatabase(use) {
  const name = `bench_${process.pid}_${Math.floor(Math.random() * 1e9)}`;
  asOwner(`CREATE DATABASE ${name} OWNER ytops`);
  try {
    return await use(databaseUrl(name));
  } finally {
    asOwner(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
}
