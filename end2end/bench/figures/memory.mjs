// What the console holds in memory when it rests.

import { launch, open } from "../browser.mjs";
import { Console } from "../console.mjs";
import { sleep, until } from "../wait.mjs";

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
    // The highest of what the loops make of it within one of their rounds.
    let resting = 0;
    for (let second = 0; second < 20; second += 1) {
      await sleep(1000);
      resting = Math.max(resting, running.megabytes("VmRSS"));
    }
    const peak = running.megabytes("VmHWM");
    tell(`${started.toFixed(1)} MB at the start, ${resting.toFixed(1)} MB at rest, ${peak.toFixed(1)} MB at most`);
    return [{ figure: "console at rest, resident", measured: resting, unit: "MB", limit: 40, peer: { name: "just started, nothing read", value: started } }];
  } finally {
    await browser.close();
    await running.remove();
  }
}
