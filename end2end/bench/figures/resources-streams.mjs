// What open pages cost.

import { get } from "node:http";

import { Console } from "../console.mjs";
import { percentile } from "../statistics.mjs";
import { sleep, until } from "../wait.mjs";

const PAGES = 50;
/** So long that each page reads its charts anew once. */
const SECONDS = 60;

/** The charts as a page asks for them (app/src/components/board/wanted.rs). */
const CHARTS = new URLSearchParams({ host: "", view: "overview", project: "", service: "", range: "1200s", points: "300", before_s: "0" });
/** How often it does without being told of anything (ANEW_EVERY in app/src/components/board/browser/mod.rs). */
const ANEW_EVERY = 60_000;

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

/** Reads the charts as an open page does. */
async function readCharts(running, read) {
  const headers = { cookie: running.cookie, origin: running.url, "accept-encoding": "gzip" };
  const asked = performance.now();
  const answer = await fetch(`${running.url}/fn/charts`, { method: "POST", headers, body: CHARTS });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`the charts answered ${answer.status}: ${text}`);
  if (answer.headers.get("content-encoding") !== "gzip") throw new Error("the charts came uncompressed");
  read.answers.push({ took: performance.now() - asked, sent: Number(answer.headers.get("content-length")), plain: Buffer.byteLength(text) });
}

/** Reads them again and again, the `n`th page a little later than the one before; gives what ends it. */
function readOften(running, n, read) {
  let again;
  const ask = () => readCharts(running, read).catch((error) => (read.error ??= error));
  const first = setTimeout(() => {
    again = setInterval(ask, ANEW_EVERY);
    ask();
  }, (n * ANEW_EVERY) / PAGES);
  return () => {
    clearTimeout(first);
    clearInterval(again);
  };
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
    const read = { answers: [] };
    for (let n = 0; n < PAGES; n += 1) ends.push(await follow(running, heard), readOften(running, n, read));
    await sleep(5000);
    [heard.events, read.answers] = [0, []];
    const withThem = await share(running);
    tell(`${without.toFixed(2)} % without, ${withThem.toFixed(2)} % with ${PAGES} pages, ${heard.events} events, ${read.answers.length} times all charts`);
    if (read.error) throw read.error;
    if (read.answers.length < PAGES * 0.9) throw new Error(`charts were read only ${read.answers.length} times in ${SECONDS} s`);
    if (heard.events < PAGES * SECONDS * 0.9) throw new Error(`only ${heard.events} events came in ${SECONDS} s`);
    return [
      {
        figure: `${PAGES} open pages, CPU of one core more`,
        measured: Math.max(0, withThem - without),
        unit: "%",
        limit: 2,
        peer: { name: "without any", value: without },
        note: `${heard.events} events and ${read.answers.length} times all charts in ${SECONDS} s`,
      },
      {
        figure: "all charts of a page over 20 min, p99",
        measured: percentile(read.answers.map(({ took }) => took), 0.99),
        unit: "ms",
        note: "samples of two minutes, the console at work for 50 pages",
      },
      {
        figure: "all charts of a page over 20 min, the largest as sent (gzip)",
        measured: Math.max(...read.answers.map(({ sent }) => sent)) / 1000,
        unit: "kB",
        peer: { name: "uncompressed", value: Math.max(...read.answers.map(({ plain }) => plain)) / 1000 },
      },
    ];
  } finally {
    for (const end of ends) end();
    await running.remove();
  }
}
