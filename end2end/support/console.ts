import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The Postgres that test databases are made in, e.g. postgres://ytops@localhost/postgres?host=/run. */
const CLUSTER = required("DATABASE_URL");
const BINARY = required("YTOPS_BIN");

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; run the tests by make test`);
  return value;
}

/** A free port of the loopback interface. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

/** The cluster's address with another database. */
export function databaseUrl(name: string): string {
  return CLUSTER.replace(/(:\/\/[^/]*\/)[^?]*/, `$1${name}`);
}

/** Runs SQL in the cluster's database `name` and gives the rows as text. */
export function sql(name: string, statement: string): string {
  return execFileSync("psql", ["-XAtq", "-v", "ON_ERROR_STOP=1", databaseUrl(name), "-c", statement], { encoding: "utf8" }).trim();
}

/** A running console with a database of its own. */
export class Console {
  readonly output: string[] = [];
  private process?: ChildProcess;

  private constructor(
    readonly database: string,
    readonly url: string,
    private readonly port: number,
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly ownsDatabase: boolean,
  ) {}

  /** Starts one; `database` joins a database that stands already and outlives it. */
  static async start(options: { database?: string; env?: NodeJS.ProcessEnv } = {}): Promise<Console> {
    const port = await freePort();
    const database = options.database ?? `e2e_${process.pid}_${port}`;
    if (!options.database) sql("postgres", `CREATE DATABASE ${database}`);
    const folder = mkdtempSync(join(tmpdir(), "ytops-e2e-"));
    const running = new Console(database, `http://127.0.0.1:${port}`, port, folder, options.env ?? {}, !options.database);
    await running.up();
    return running;
  }

  /** Starts the program again on the same database and port. */
  async up(): Promise<void> {
    const child = spawn(BINARY, ["serve"], {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl(this.database),
        YTOPS_LISTEN: `127.0.0.1:${this.port}`,
        YTOPS_PUBLIC_URL: "",
        YTOPS_DATA_DIR: this.folder,
        ...this.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process = child;
    await new Promise<void>((resolve, reject) => {
      const before = this.output.length;
      const listen = (chunk: Buffer) => {
        this.output.push(chunk.toString());
        if (this.output.slice(before).join("").includes("ytops serves")) resolve();
      };
      child.stdout?.on("data", listen);
      child.stderr?.on("data", listen);
      child.once("exit", (code) => reject(new Error(`ytops ended with ${code}:\n${this.output.join("")}`)));
    });
  }

  /** The one-time link that it printed. */
  setupLink(): string {
    const link = this.output.join("").match(/http\S+\/setup\?token=\S+/);
    if (!link) throw new Error(`no set-up link in:\n${this.output.join("")}`);
    return link[0];
  }

  /** Ends the program; gives the seconds it took. */
  async down(signal: NodeJS.Signals = "SIGTERM"): Promise<number> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return 0;
    const began = performance.now();
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    await ended;
    return (performance.now() - began) / 1000;
  }

  /** Ends the program and drops the database, if it made it. */
  async remove(): Promise<void> {
    await this.down("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
    if (this.ownsDatabase) sql("postgres", `DROP DATABASE IF EXISTS ${this.database} WITH (FORCE)`);
  }
}

/** Runs `ytops` with `args` on the database of `on`; gives what it printed. */
export function ytops(on: Console, args: string[], input = ""): string {
  return execFileSync(BINARY, args, {
    env: { ...process.env, DATABASE_URL: databaseUrl(on.database) },
    input,
    encoding: "utf8",
  });
}
