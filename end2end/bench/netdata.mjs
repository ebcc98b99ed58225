// Debian's netdata with folders and a port of its own, as it is but for that.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

import { freePort } from "./console.mjs";
import { until } from "./wait.mjs";

export class Netdata {
  static async start() {
    const netdata = new Netdata();
    netdata.folder = mkdtempSync(join(tmpdir(), "ytops-netdata-"));
    netdata.url = `http://127.0.0.1:${await freePort()}`;
    const at = (name) => {
      mkdirSync(join(netdata.folder, name), { recursive: true });
      return join(netdata.folder, name);
    };
    const config = join(at("etc"), "netdata.conf");
    writeFileSync(
      config,
      `[global]
    run as user = ${userInfo().username}
[directories]
    config = ${at("etc")}
    cache = ${at("cache")}
    lib = ${at("lib")}
    log = ${at("log")}
    lock = ${at("lock")}
[web]
    bind to = 127.0.0.1:${new URL(netdata.url).port}
`,
    );
    netdata.process = spawn("netdata", ["-D", "-c", config], { stdio: "ignore", env: { ...process.env, HOME: netdata.folder } });
    try {
      await until("netdata", 60, async () => (await netdata.#ask("/api/v1/info")) !== undefined);
    } catch (error) {
      await netdata.remove();
      throw error;
    }
    return netdata;
  }

  async #ask(path) {
    try {
      const answer = await fetch(this.url + path);
      return answer.ok ? await answer.json() : undefined;
    } catch {
      return undefined;
    }
  }

  /** How many series it keeps. */
  async series() {
    const { charts } = await this.#ask("/api/v1/charts");
    return Object.values(charts).reduce((sum, chart) => sum + Object.keys(chart.dimensions).length, 0);
  }

  /** Ends it. */
  async remove() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill("SIGTERM");
      const late = setTimeout(() => this.process.kill("SIGKILL"), 15_000);
      await ended;
      clearTimeout(late);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
