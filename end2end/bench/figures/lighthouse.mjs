// Lighthouse's mobile profile on the pages that people open most.

import lighthouse from "lighthouse";

import { launch } from "../browser.mjs";
import { Console } from "../console.mjs";
import { median } from "../statistics.mjs";
import { until } from "../wait.mjs";

const RUNS = 3;
const PAGES = [
  { name: "sign-in", path: "/sign-in" },
  { name: "overview", path: "/", signedIn: true },
  { name: "deployment", path: "/deployment", signedIn: true },
  { name: "service", path: "/deployment/ytempire/backend", signedIn: true },
  { name: "audit", path: "/audit", signedIn: true },
  { name: "users", path: "/settings/users", signedIn: true },
];

/** Lighthouse now and then records a trace without its beginning, and asks to be run again: once more, then it is told. */
async function audit(running, page) {
  try {
    return await auditOnce(running, page);
  } catch (error) {
    if (!/NO_NAVSTART/.test(error.message)) throw error;
    return auditOnce(running, page);
  }
}

async function auditOnce(running, { path, signedIn }) {
  const browser = await launch();
  try {
    const { lhr } = await lighthouse(running.url + path, {
      port: Number(new URL(browser.wsEndpoint()).port),
      logLevel: "error",
      onlyCategories: ["performance", "accessibility"],
      formFactor: "mobile",
      extraHeaders: signedIn ? { Cookie: running.cookie } : undefined,
    });
    if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
    if (new URL(lhr.finalDisplayedUrl).pathname !== path) throw new Error(`${path} led to ${lhr.finalDisplayedUrl}`);
    return lhr;
  } finally {
    await browser.close();
  }
}

/** Audits of a category that cost points. */
function lost(lhr, category) {
  return lhr.categories[category].auditRefs
    .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 0.9)
    .map(({ id }) => `${id} ${lhr.audits[id].displayValue ?? ""}`.trim());
}

const worstOf = (scores) => Math.min(...scores);

/** Takes the figures. */
export async function measure(tell) {
  const running = await Console.start(process.env.DOCKER_HOST);
  const rows = [];
  try {
    await until("the sample platform on the page", 60, async () => (await running.page("/deployment")).text.includes('/frontend"'));
    for (const page of PAGES) {
      const results = [];
      for (let n = 0; n < RUNS; n += 1) results.push(await audit(running, page));
      // Performance varies from run to run; what one run finds inaccessible is so.
      for (const [category, limit, of] of [["performance", 90, median], ["accessibility", 100, worstOf]]) {
        const scores = results.map((lhr) => Math.round(lhr.categories[category].score * 100));
        const worst = results[scores.indexOf(Math.min(...scores))];
        tell(`${page.name}, ${category}: ${scores.join(" ")}; ${lost(worst, category).join(", ") || "nothing lost"}`);
        rows.push({ figure: `Lighthouse mobile ${category}, ${page.name}`, measured: of(scores), limit, atLeast: true });
      }
    }
    return rows;
  } finally {
    await running.remove();
  }
}
