// Chromium.

import puppeteer from "puppeteer-core";

/** Starts Chromium without a profile. */
export function launch() {
  return puppeteer.launch({
    executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium",
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}

/** A page of `console` at `path`, signed in; `before` is given it before it is loaded. */
export async function visit(browser, console, path, before = () => {}) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1440, height: 900 });
  const cookies = console.cookie.split("; ").map((pair) => {
    const at = pair.indexOf("=");
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url: console.url };
  });
  await page.setCookie(...cookies);
  before(page);
  await page.goto(console.url + path, { waitUntil: "load" });
  return page;
}

/** The same, hydrated. */
export async function open(browser, console, path) {
  let streaming;
  const page = await visit(browser, console, path, (page) => {
    streaming = page.waitForRequest((request) => request.url().includes("/stream?"), { timeout: 30_000 });
  });
  await streaming;
  return page;
}
