// From a sample to the pixel that shows it.

import { launch, visit } from "../browser.mjs";
import { Console } from "../console.mjs";
import { percentile } from "../statistics.mjs";
import { sleep, until } from "../wait.mjs";

const SECONDS = 120;

/** Before the page is loaded: writes down when samples came, and when the frame that shows them was painted. */
function watch() {
  window.benchPulses = [];
  const Bare = window.EventSource;
  window.EventSource = class extends Bare {
    constructor(...args) {
      super(...args);
      this.addEventListener("samples", ({ data }) => {
        const { at } = JSON.parse(data);
        window.benchPulses.push({ at, heard: Date.now() });
      });
    }
  };
  // Every chart in sight is drawn anew; what counts is the frame of the last one.
  const isChart = (change) => [...change.addedNodes].some((node) => node.matches?.("svg.plot"));
  const drawn = (changes) => {
    const pulse = window.benchPulses.at(-1);
    if (!pulse || !changes.some(isChart)) return;
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => (pulse.painted = Date.now());
      painted.port2.postMessage(0);
    });
  };
  const observe = () =>
    new MutationObserver(drawn).observe(document.body, { subtree: true, childList: true });
  document.addEventListener("DOMContentLoaded", observe);
}

/** Takes the figure. */
export async function measure(tell) {
  const running = await Console.start(process.env.DOCKER_HOST);
  const browser = await launch();
  try {
    await until("charts on the page", 60, async () => (await running.page("/resources?range=300s")).text.includes('class="line'));
    const page = await visit(browser, running, "/resources?range=300s", (page) => page.evaluateOnNewDocument(watch));
    await until("live samples", 30, () => page.evaluate(() => window.benchPulses.some(({ painted }) => painted)));
    await page.evaluate(() => (window.benchPulses.length = 0));
    await sleep(SECONDS * 1000);
    const pulses = await page.evaluate(() => window.benchPulses);
    const drawn = pulses.filter(({ painted }) => painted);
    tell(`${pulses.length} seconds came, ${drawn.length} were drawn`);
    if (drawn.length < pulses.length * 0.9) throw new Error(`only ${drawn.length} of ${pulses.length} seconds were drawn`);
    const pixel = drawn.map(({ at, painted }) => painted - at);
    const heard = drawn.map(({ at, heard }) => heard - at);
    const row = (share, name) => ({
      figure: `sample to changed pixel, ${name}`,
      measured: percentile(pixel, share),
      unit: "ms",
      limit: 150,
      peer: { name: "heard in the browser", value: percentile(heard, share) },
    });
    return [row(0.5, "p50"), { ...row(0.99, "p99"), note: `${drawn.length} seconds` }];
  } finally {
    await browser.close();
    await running.remove();
  }
}
