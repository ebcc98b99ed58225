// What the console holds in memory when it rests.

import { launch, open } from "../browser.mjs";
import { Console } from "../console.mjs";
import { sleep, until } from "../wait.mjs";

const PAGES = ["/", "/deployment", "/resources", "/wall", "/audit", "/settings/users"];

/** The highest of what the loops make of it within one of their rounds. */
async function resident(running) {
  let most = 0;
  for (let second = 0; second < 20; second += 1) {
    await sleep(1000);
    most = Math.max(most, running.megabytes("VmRSS"));
  }
  return most;
}

/** Somebody signs in, which takes memory to hash a password, and looks at every page. */
async function look(running, email) {
  await running.signIn(email);
  for (let round = 0; round < 5; round += 1) for (const path of PAGES) await running.page(path);
}

/** Eight people, four at once: more from one address in one moment are told to wait, as those are who guess. */
async function use(running) {
  const emails = Array.from({ length: 8 }, (_, number) => `bench-${number}@example.com`);
  for (const email of emails) running.addUser(email);
  for (const some of [emails.slice(0, 4), emails.slice(4)]) await Promise.all(some.map((email) => look(running, email)));
}

/** Takes the figure. */
export async function measure(tell) {
  const running = await Console.start(process.env.DOCKER_HOST);
  const browser = await launch();
  try {
    const started = running.megabytes("VmRSS");
    await until("the sample platform on the page", 60, async () => (await running.page("/deployment")).text.includes('/frontend"'));
    const page = await open(browser, running, "/deployment");
    await sleep(60_000);
    await page.close();
    const resting = await resident(running);
    await use(running);
    // Memory that is freed goes back after a second, and threads that have nothing to do end after ten.
    await sleep(15_000);
    const used = await resident(running);
    const peak = running.megabytes("VmHWM");
    tell(`${started.toFixed(1)} MB at the start, ${resting.toFixed(1)} MB at rest, ${used.toFixed(1)} MB at rest after use, ${peak.toFixed(1)} MB at most`);
    return [
      { figure: "console at rest, resident", measured: resting, unit: "MB", limit: 40, peer: { name: "just started, nothing read", value: started } },
      { figure: "the same after eight people signed in and read 30 pages each", measured: used, unit: "MB", limit: 48, peer: { name: "before they did", value: resting } },
    ];
  } finally {
    await browser.close();
    await running.remove();
  }
}
