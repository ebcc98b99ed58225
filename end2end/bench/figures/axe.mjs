// What axe finds, on every page, in both themes, at desk width and on a phone.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { launch, open, visit } from "../browser.mjs";
import { Console } from "../console.mjs";
import { INSIDE, OUTSIDE } from "../pages.mjs";
import { until } from "../wait.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = [{ width: 1440, height: 900 }, { width: 360, height: 740 }];
const THEMES = ["light", "dark"];

/** In the page: waits until colours have settled after a change of theme; a colour on its way is nobody's to read. */
async function settled() {
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const passing = () => document.getAnimations().filter(({ effect }) => Number.isFinite(effect.getComputedTiming().endTime));
  // What inherits a colour that moves may begin to move when that has ended.
  for (await frame(); passing().length > 0; await frame()) await Promise.allSettled(passing().map(({ finished }) => finished));
}

/** The findings on a page as it stands, in every theme and size. */
async function findings(page, name, tell) {
  // Over the debugger's own way: the page's policy lets no foreign script in.
  await page.evaluate(AXE);
  let found = 0;
  for (const size of SIZES) {
    await page.setViewport(size);
    for (const theme of THEMES) {
      await page.emulateMediaFeatures([
        { name: "prefers-color-scheme", value: theme },
        { name: "prefers-reduced-motion", value: "reduce" },
      ]);
      await page.evaluate(settled);
      const violations = await page.evaluate(async () => (await window.axe.run()).violations.map(({ id, nodes }) => ({ id, where: nodes.map((node) => node.target.join(" ")) })));
      found += violations.length;
      for (const { id, where } of violations) tell(`${name}, ${theme}, ${size.width} wide: ${id} at ${where.join(", ")}`);
    }
  }
  return found;
}

/** Takes the figure. */
export async function measure(tell) {
  const running = await Console.start(process.env.DOCKER_HOST);
  const browser = await launch();
  try {
    await until("the sample platform on the page", 60, async () => (await running.page("/deployment")).text.includes('/frontend"'));
    const user = (await running.page("/settings/users")).text.match(/\/settings\/users\/(\d+)"/);
    if (!user) throw new Error("no user on the page of users");
    // The set of the console's own database, which is found by itself.
    const set = await until("a backup set on the page", 60, async () => (await running.page("/backups")).text.match(/\/backups\/(\d+)"/));
    let found = 0;
    for (const { name, path } of OUTSIDE) {
      const page = await browser.newPage();
      await page.goto(running.url + path, { waitUntil: "load" });
      found += await findings(page, name, tell);
      await page.close();
    }
    for (const { name, path, live = true } of INSIDE) {
      const page = await (live ? open : visit)(browser, running, path.replace("ID", user[1]).replace("SET", set[1]));
      found += await findings(page, name, tell);
      await page.close();
    }
    tell(`${found} findings`);
    const pages = OUTSIDE.length + INSIDE.length;
    return [{ figure: `axe, ${pages} pages, both themes, desk and phone`, measured: found, unit: "findings", limit: 0 }];
  } finally {
    await browser.close();
    await running.remove();
  }
}
