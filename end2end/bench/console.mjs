// A console of its own database, and somebody signed in to it.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const BINARY = process.env.YTOPS_BIN;
const CLUSTER = process.env.DATABASE_URL;
const EMAIL = "bench@example.com";
const PASSWORD = randomBytes(12).toString("hex");

/** A port that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** The address of a database of the cluster. */
export const databaseUrl = (name) => CLUSTER.replace(/(:\/\/[^/]*\/)[^?]*/, `$1${name}`);

/** The address of a database of the cluster for its owner. */
export const ownersUrl = (name) => databaseUrl(name).replace("://ytops@", "://postgres@");

/** Runs a statement as the cluster's owner. */
export function asOwner(statement) {
  const url = ownersUrl("postgres");
  execFileSync("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", url, "-c", statement], { encoding: "utf8" });
}

/** A running console. `url` is its address, `cookie` the Cookie header of a CTO's session. */
export class Console {
  /** Starts one with the Docker Engine at `dockerHost`, and signs in. */
  static async start(dockerHost) {
    const console = new Console();
    const port = await freePort();
    console.database = `bench_${process.pid}_${port}`;
    console.url = `http://127.0.0.1:${port}`;
    console.folder = mkdtempSync(join(tmpdir(), "ytops-bench-"));
    asOwner(`CREATE DATABASE ${console.database} OWNER ytops`);
    console.env = {
      ...process.env,
      DATABASE_URL: databaseUrl(console.database),
      YTOPS_LISTEN: `127.0.0.1:${port}`,
      YTOPS_PUBLIC_URL: "",
      YTOPS_DATA_DIR: console.folder,
      DOCKER_HOST: dockerHost,
    };
    try {
      await console.#up();
      console.addUser(EMAIL);
      await console.signIn();
    } catch (error) {
      await console.remove();
      throw error;
    }
    return console;
  }

  async #up() {
    this.process = spawn(BINARY, ["serve"], { cwd: this.folder, env: this.env, stdio: ["ignore", "pipe", "pipe"] });
    const output = [];
    await new Promise((resolve, reject) => {
      const listen = (chunk) => {
        if (output.length < 100) output.push(chunk.toString());
        if (output.join("").includes("ytops serves")) resolve();
      };
      this.process.stdout.on("data", listen);
      this.process.stderr.on("data", listen);
      this.process.once("exit", (code) => reject(new Error(`ytops ended with ${code}: ${output.join("")}`)));
    });
  }

  /** Makes an account, a CTO's. */
  addUser(email) {
    const args = ["user", "add", "--email", email, "--name", "Bench", "--role", "cto", "--password-stdin"];
    execFileSync(BINARY, args, { cwd: this.folder, env: this.env, input: PASSWORD, stdio: ["pipe", "ignore", "inherit"] });
  }

  /** Signs in anew; the console's `cookie` is the newest session's. */
  async signIn(email = EMAIL) {
    const answer = await fetch(`${this.url}/fn/sign_in`, {
      method: "POST",
      redirect: "manual",
      headers: { origin: this.url },
      body: new URLSearchParams({ email, password: PASSWORD }),
    });
    const pairs = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
    if (pairs.length === 0) throw new Error(`no session: ${answer.status} ${await answer.text()}`);
    this.cookie = pairs.join("; ");
  }

  /** Runs `ytops` with these arguments on the same database, and gives what it printed. */
  run(...args) {
    return execFileSync(BINARY, args, { cwd: this.folder, env: this.env, encoding: "utf8" }).trim();
  }

  /** The figures at /metrics by name, added up over their labels. */
  async metrics() {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const sums = {};
    for (const line of text.split("\n").filter((line) => line && !line.startsWith("#"))) {
      const [, name, value] = line.match(/^([^ {]+)(?:\{.*\})? (\S+)/);
      sums[name] = (sums[name] ?? 0) + Number(value);
    }
    return sums;
  }

  /** The page at `path` as the signed-in person gets it. */
  async page(path) {
    const answer = await fetch(this.url + path, { headers: { cookie: this.cookie } });
    return { status: answer.status, text: await answer.text() };
  }

  /** A line of /proc/PID/status in MB (10^6 bytes), e.g. VmRSS. */
  megabytes(line) {
    const status = readFileSync(`/proc/${this.process.pid}/status`, "utf8");
    return (Number(status.match(new RegExp(`^${line}:\\s+(\\d+) kB`, "m"))[1]) * 1024) / 1e6;
  }

  /** CPU seconds used so far. */
  cpuSeconds() {
    const stat = readFileSync(`/proc/${this.process.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  /** Ends it and drops its database. */
  async remove() {
    if (this.process && this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGKILL");
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
    asOwner(`DROP DATABASE IF EXISTS ${this.database} WITH (FORCE)`);
  }
}
