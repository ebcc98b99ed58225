// From something happening in the Docker Engine to the changed pixel.

import { launch, open } from "../browser.mjs";
import { Console } from "../console.mjs";
import { ask, follow } from "../engine.mjs";
import { percentile } from "../statistics.mjs";
import { sleep, until } from "../wait.mjs";

const CHANGES = 40;
const SERVICE = "frontend";
const CONTAINER = "ytempire_frontend";

/** In the page: writes down when the badge of a service changed, once the frame that shows it was painted. */
function watch(service) {
  const badge = () => {
    const row = [...document.querySelectorAll("table.services tr")].find(
      (row) => row.querySelector("a")?.textContent.trim() === service,
    );
    return row?.querySelector(".st")?.textContent.trim();
  };
  window.benchChanges = [];
  let before = badge();
  new MutationObserver(() => {
    const now = badge();
    if (now === undefined || now === before) return;
    before = now;
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => window.benchChanges.push({ badge: now, at: Date.now() });
      painted.port2.postMessage(0);
    });
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  return before;
}

async function change(page, action, events) {
  const [seen, heard] = [await page.evaluate(() => window.benchChanges.length), events.length];
  await ask("POST", `/containers/${CONTAINER}/${action}`);
  const event = await until(`the engine's event ${action}`, 10, () => events.slice(heard).find((one) => one.action === action));
  const painted = await until(`the page showing ${action}`, 20, () =>
    page.evaluate(
      (seen, paused) => window.benchChanges.slice(seen).find(({ badge }) => (badge === "paused") === paused),
      seen,
      action === "pause",
    ),
  );
  return { pixel: painted.at - event.at, heard: event.heardAt - event.at };
}

/** Takes the figure. */
export async function measure(tell) {
  const running = await Console.start(process.env.DOCKER_HOST);
  const browser = await launch();
  const events = [];
  const stop = await follow(CONTAINER, ({ Action, timeNano }) => events.push({ action: Action, at: timeNano / 1e6, heardAt: Date.now() }));
  try {
    await until("the sample platform on the page", 60, async () => (await running.page("/deployment")).text.includes(`/${SERVICE}"`));
    const page = await open(browser, running, "/deployment");
    const first = await page.evaluate(watch, SERVICE);
    tell(`${SERVICE} is "${first}"`);
    if (!first) throw new Error(`no badge of ${SERVICE} on the page`);
    const times = [];
    for (let n = 0; n < CHANGES; n += 1) {
      // Uneven, so as not to fall in step with anything periodic.
      await sleep(400 + Math.random() * 600);
      times.push(await change(page, n % 2 === 0 ? "pause" : "unpause", events));
    }
    const pixel = times.map((time) => time.pixel);
    const heard = times.map((time) => time.heard);
    tell(`pixels after ${pixel.map(Math.round).join(" ")} ms`);
    const peer = (share) => ({ name: "bare reader of the events", value: Math.max(percentile(heard, share), 0.1) });
    return [
      { figure: "engine event to changed pixel, p50", measured: percentile(pixel, 0.5), unit: "ms", limit: 500, peer: peer(0.5) },
      { figure: "engine event to changed pixel, p99", measured: percentile(pixel, 0.99), unit: "ms", limit: 500, peer: peer(0.99), note: `${CHANGES} changes` },
    ];
  } finally {
    await ask("POST", `/containers/${CONTAINER}/unpause`).catch(() => {});
    stop();
    await browser.close();
    await running.remove();
  }
}
