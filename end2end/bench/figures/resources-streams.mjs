// What open pages cost.

import { get } from "node:http";

import { Console } from "../console.mjs";
import { sleep, until } from "../wait.mjs";

const STREAMS = 50;
const SECONDS = 60;

/** One stream of the host's samples; `heard` counts its events. */
function follow(running, heard) {
  return new Promise((resolve, reject) => {
    const asking = get(`${running.url}/stream?topics=deployment&samples=`, { agent: false, headers: { cookie: running.cookie } }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`the stream answered ${answer.statusCode}`));
      answer.on("data", (part) => (heard.events += part.toString().split("event: samples").length - 1));
      answer.on("error", () => {});
      resolve(() => asking.destroy());
    });
    asking.on("error", reject);
  });
}

async function share(running) {
  const [before, began] = [running.cpuSeconds(), performance.now()];
  await sleep(SECONDS * 1000);
  return ((running.cpuSeconds() - before) / (performance.now() - began)) * 100_000;
}

/** Takes the figure. */
export async function measure(tell) {
  const running = await Console.start(process.env.DOCKER_HOST);
  const ends = [];
  try {
    await until("the sample platform on the page", 60, async () => (await running.page("/deployment")).text.includes('/frontend"'));
    await sleep(30_000);
    const without = await share(running);
    const heard = { events: 0 };
    for (let n = 0; n < STREAMS; n += 1) ends.push(await follow(running, heard));
    await sleep(5000);
    heard.events = 0;
    const withThem = await share(running);
    tell(`${without.toFixed(2)} % without, ${withThem.toFixed(2)} % with ${STREAMS} streams, ${heard.events} events`);
    if (heard.events < STREAMS * SECONDS * 0.9) throw new Error(`only ${heard.events} events came in ${SECONDS} s`);
    return [
      {
        figure: `${STREAMS} open pages, CPU of one core more`,
        measured: Math.max(0, withThem - without),
        unit: "%",
        limit: 2,
        peer: { name: "without any", value: without },
        note: `${heard.events} events in ${SECONDS} s`,
      },
    ];
  } finally {
    for (const end of ends) end();
    await running.remove();
  }
}
