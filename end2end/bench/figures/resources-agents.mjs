// What samples of other hosts cost the console.

import { Agent, request } from "node:http";

import { Console } from "../console.mjs";
import { sleep, until } from "../wait.mjs";

const SERIES = 500;
const HOSTS = [0, 2, 4, 10, 20];
const SECONDS = 60;

/** A host that sends as `ytops agent` does. */
class Host {
  constructor(running, number) {
    this.name = `load-${number}`;
    this.url = `${running.url}/api/v1/samples`;
    this.token = running.run("token", "add", "--role", "agent", "--name", this.name, "--host", this.name, "--days", "1");
    this.session = number + 1;
    this.agent = new Agent({ keepAlive: true });
    this.values = Array.from({ length: SERIES }, () => Math.random());
    this.sent = 0;
    this.receipt = undefined;
  }

  #post(batch) {
    const body = JSON.stringify(batch);
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const asking = request(this.url, { method: "POST", agent: this.agent, headers }, (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => {
          const text = Buffer.concat(parts).toString();
          if (answer.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`${answer.statusCode}: ${text}`));
        });
        answer.on("error", reject);
      });
      asking.on("error", reject);
      asking.end(body);
    });
  }

  /** A tick: half of the series move a little, as most of a real host's do or do not. */
  async send(at) {
    const begins = this.sent === 0;
    for (let n = 0; n < SERIES; n += 2) this.values[n] = Math.min(1, Math.max(0, this.values[n] + (Math.random() - 0.5) / 50));
    const numbers = this.values.map((_, number) => number);
    const values = this.values.map((value) => Number(value.toFixed(4)));
    const named = begins ? numbers.map((number) => ({ number, name: "load.share", unit: "1", attributes: { number: String(number) } })) : [];
    this.receipt = await this.#post({ host: this.name, session: this.session, begins, named, ticks: [{ at, ended: [], numbers, values }] });
    if (!this.receipt.is_known || this.receipt.taken_until !== at) throw new Error(`${this.name}: ${JSON.stringify(this.receipt)}`);
    this.sent += 1;
    this.last = at;
  }
}

/** CPU of the console in per cent of a core while `hosts` send, a tick a second each, spread over the second. */
async function share(running, hosts, seconds) {
  const [before, began] = [running.cpuSeconds(), performance.now()];
  const sending = hosts.map(async (host, at) => {
    for (let second = 0; second < seconds; second += 1) {
      const due = began + second * 1000 + (at * 1000) / hosts.length;
      await sleep(Math.max(0, due - performance.now()));
      await host.send(Math.floor(Date.now() / 10) * 10);
    }
  });
  await Promise.all([...sending, sleep(seconds * 1000)]);
  return ((running.cpuSeconds() - before) / (performance.now() - began)) * 100_000;
}

/** Takes the figure. */
export async function measure(tell) {
  const running = await Console.start(process.env.DOCKER_HOST);
  try {
    await sleep(30_000);
    const hosts = [];
    const rows = [];
    let rest = 0;
    for (const count of HOSTS) {
      while (hosts.length < count) hosts.push(new Host(running, hosts.length));
      if (count > 0) await share(running, hosts, 15);
      const before = await running.metrics();
      const cpu = await share(running, hosts, SECONDS);
      const after = await running.metrics();
      const rate = count * SERIES;
      const lost = ["ytops_samples_refused_total", "ytops_sample_frames_dropped_total"].map((name) => after[name] - before[name]);
      tell(`${rate} samples/s: ${cpu.toFixed(2)} %, ${lost[0]} refused, ${lost[1]} seconds dropped`);
      if (lost.some((count) => count > 0)) throw new Error(`at ${rate} samples/s ${lost[0]} were refused, ${lost[1]} seconds dropped`);
      if (count === 0) rest = cpu;
      else rows.push({
        figure: `${rate.toLocaleString("en-GB")} samples/s of ${count} agents, CPU of one core`,
        measured: cpu,
        unit: "%",
        limit: 100,
        peer: { name: "no agents", value: rest },
        note: "all taken",
      });
    }
    // What was sent last is stored after the next flush.
    await until("everything to be stored", 60, async () => {
      const answer = await fetch(`${running.url}/api/v1/hosts`, { headers: { cookie: running.cookie } });
      const stored = new Map((await answer.json()).hosts.map((host) => [host.name, host.newest]));
      return hosts.every((host) => stored.get(host.name) === host.last);
    });
    return rows;
  } finally {
    await running.remove();
  }
}
