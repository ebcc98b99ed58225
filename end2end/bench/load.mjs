// An open-loop load generator: requests leave at a constant rate, whatever became of those before.

import { Agent, get } from "node:http";

/**
 * GETs `url` `rate` times a second for `seconds`. Gives the latency of each request in milliseconds from the moment it
 * was due, so that a stall counts for every request that it held up; what is not answered with 200 rejects.
 */
export async function constantRate({ url, headers = {}, rate, seconds }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const latencies = [];
  const waiting = [];
  const total = rate * seconds;
  const began = performance.now();
  const due = (n) => began + (n * 1000) / rate;
  await new Promise((resolve, reject) => {
    let sent = 0;
    const tick = () => {
      const now = performance.now();
      for (; sent < total && due(sent) <= now; sent += 1) {
        const from = due(sent);
        waiting.push(one(url, headers, agent).then(() => latencies.push(performance.now() - from)).catch(reject));
      }
      if (sent < total) setTimeout(tick, Math.max(0, due(sent) - performance.now()));
      else resolve();
    };
    tick();
  });
  await Promise.all(waiting);
  agent.destroy();
  return latencies;
}

function one(url, headers, agent) {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (answer) => {
      answer.on("end", () => (answer.statusCode === 200 ? resolve() : reject(new Error(`${url}: ${answer.statusCode}`))));
      answer.on("error", reject);
      answer.resume();
    }).on("error", reject);
  });
}
