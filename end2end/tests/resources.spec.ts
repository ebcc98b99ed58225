import type { Browser, Page } from "@playwright/test";

import { chart, expectWholeLegends, line, openCharts, reader } from "../support/charts";
import { ytops, type Console } from "../support/console";
import { PROJECT } from "../support/stack";
import { addUser, CTO, expect, expectLive, expectNoAxeFindings, open, signIn, test } from "../support/test";

/** What an agent would send of a host: CPU and load of the last minute up to `ago` seconds before now. One that goes on has more to do. */
async function sendAs(on: Console, host: string, token: string, ago: number, more: object = {}, goesOn = false): Promise<void> {
  const end = Math.floor(Date.now() / 1000 - ago) * 1000;
  const used = goesOn ? 0.75 : 0.25;
  const series = [
    { number: 0, name: "system.cpu.utilization", attributes: { "cpu.mode": "user" }, unit: "1" },
    { number: 1, name: "system.cpu.load_average.1m", attributes: {}, unit: "{thread}" },
  ];
  const ticks = Array.from({ length: 60 }, (_, nth) => ({ at: end - (59 - nth) * 1000, numbers: [0, 1], values: [used + (nth % 2) / 10, 1.5] }));
  Object.assign(ticks[30], more);
  const answer = await fetch(`${on.url}/api/v1/samples`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ host, session: 1, begins: !goesOn, named: goesOn ? [] : series, ticks }),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

/** A token that sends for a host. */
function agentToken(on: Console, host: string): string {
  const said = ytops(on, ["token", "add", "--role", "agent", "--name", host, "--days", "1", "--host", host]);
  const token = said.match(/ytops_\w+/)?.[0];
  if (!token) throw new Error(`no token in: ${said}`);
  return token;
}

/** Opens a page as a browser without scripts does, signed in as the same person. */
async function withoutScripts(browser: Browser, page: Page, url: string, look: (plain: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const plain = await context.newPage();
  await plain.goto(url);
  await look(plain);
  await context.close();
}

test("the first paint has the data, without a script", async ({ signedIn: page, console, browser }) => {
  await openCharts(page);
  await withoutScripts(browser, page, `${console.url}/resources`, async (plain) => {
    await expect(line(plain, "CPU")).toBeVisible();
    await expect(chart(plain, "CPU").locator(".now")).toHaveText(/\d/);
    await expect(chart(plain, "Memory").locator("svg.plot title").first()).toHaveText("Memory");
    await plain.getByRole("link", { name: "1 h", exact: true }).click();
    await expect(plain).toHaveURL(/range=3600s/);
    await expect(plain.getByRole("link", { name: "1 h", exact: true })).toHaveAttribute("aria-current", "true");
    // Any other range, by the form itself.
    await plain.getByText("Other range").click();
    await plain.getByLabel("To", { exact: true }).fill(new Date(Date.now() + 60_000).toISOString().slice(0, 16));
    await plain.getByRole("button", { name: "Show" }).click();
    await expect(plain).toHaveURL(/from=.*&to=/);
    await expect(plain.locator("section.chart svg.plot").first()).toBeVisible();
  });
});

test.describe("for a reader in UTC", () => {
  test.use({ timezoneId: "UTC" });

  test("the server and the browser draw the same", async ({ signedIn: page, console, browser }) => {
    const end = Math.floor(Date.now() / 1000) * 1000 - 60_000;
    await sendAs(console, "drawn-twice", agentToken(console, "drawn-twice"), 60);
    const url = `${console.url}/resources?host=drawn-twice&range=${end - 50_000}-${end - 10_000}`;
    const pictures = (page: Page) => page.locator("section.chart .picture");
    const drawn = async (page: Page) => Promise.all((await pictures(page).all()).map((picture) => picture.innerHTML()));
    let served: string[] = [];
    await expect(async () => {
      await withoutScripts(browser, page, url, async (plain) => {
        await expect(line(plain, "CPU")).toBeVisible({ timeout: 2_000 });
        served = await drawn(plain);
      });
    }).toPass({ timeout: 30_000 });

    await open(page, url);
    await expect(async () => {
      // As large as the server takes them to be; nothing is left of what it sent.
      await pictures(page).evaluateAll((all) => {
        for (const picture of all as HTMLElement[]) {
          for (const [name, size] of [["width", "580px"], ["height", "170px"]])
            for (const bound of [name, `min-${name}`, `max-${name}`]) picture.style.setProperty(bound, size, "important");
          picture.replaceChildren();
        }
        window.dispatchEvent(new Event("resize"));
      });
      expect(await drawn(page)).toEqual(served);
    }).toPass({ timeout: 15_000 });
  });
});

test("charts grow while one looks", async ({ signedIn: page }) => {
  await openCharts(page);
  const shape = await line(page, "CPU").getAttribute("d");
  await expect(line(page, "CPU")).not.toHaveAttribute("d", shape ?? "");
  await expect(chart(page, "CPU").locator("svg.plot desc")).toContainText("at last");
});

test("a tab that nobody sees holds no stream, and catches up", async ({ signedIn: page }) => {
  await openCharts(page);
  const show = (hidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    }, hidden);
  await show(true);
  await expect(page.getByRole("status", { name: "Connection" })).toHaveText("Connecting…");
  await show(false);
  await expectLive(page);
  const shape = await line(page, "CPU").getAttribute("d");
  await expect(line(page, "CPU")).not.toHaveAttribute("d", shape ?? "");
});

test("views and ranges are links that carry each other", async ({ signedIn: page }) => {
  await openCharts(page);
  await page.getByRole("link", { name: "Memory", exact: true }).click();
  await expect(page).toHaveURL(/view=memory&range=300s/);
  await expect(chart(page, "Swap").or(chart(page, "Memory that is not available")).first()).toBeVisible();
  await page.getByRole("link", { name: "20 m", exact: true }).click();
  await expect(page).toHaveURL(/view=memory$/);
  await page.goBack();
  await page.goBack();
  await expect(chart(page, "CPU")).toBeVisible();
});

test("a range without samples says so, and one that makes no sense is refused in words", async ({ signedIn: page }) => {
  await openCharts(page);
  await page.goto("/resources?range=1000-2000000");
  await expect(page.getByText(/Nothing of this kind|No samples in this range/).first()).toBeVisible();
  await page.goto("/resources?range=9-3");
  await expect(page.locator(".told .note.crit")).toBeVisible();
  await expect(page.getByText("The range ended before it began: what lies between the two is shown.")).toBeVisible();
  await page.goto("/resources?range=soon&view=nothing");
  await expect(page.getByText("The range “soon” was not understood: the last 20 minutes are shown.")).toBeVisible();
  await expect(page.getByText("There is no view “nothing”: the overview is shown.")).toBeVisible();
  await expect(line(page, "CPU")).toBeVisible();
  await page.getByRole("link", { name: "5 m", exact: true }).click();
  await expect(line(page, "CPU")).toBeVisible();
});

test("on a phone nothing lies beyond the edge, and a finger points", async ({ signedIn: page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await openCharts(page);
  // Once the page has taken over: charts are then drawn anew for the width at hand.
  const beyond = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.poll(beyond).toBeLessThanOrEqual(0);
  for (const view of ["overview", "containers"]) {
    await open(page, `/resources?view=${view}`);
    for (const card of await page.locator("section.chart").all()) {
      for (const part of [card, card.getByRole("heading"), card.locator(".now"), card.locator("summary", { hasText: "Export" })]) {
        const box = await part.boundingBox();
        expect(box?.x, view).toBeGreaterThanOrEqual(0);
        expect((box?.x ?? 0) + (box?.width ?? 0), view).toBeLessThanOrEqual(360);
      }
    }
  }
  await openCharts(page);
  // Labels keep their size: the picture is as wide as its place.
  const scale = () =>
    chart(page, "CPU").locator("svg.plot").first().evaluate((svg: SVGSVGElement) => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width);
  await expect.poll(scale).toBeCloseTo(1, 2);
  await reader(page, "CPU").dispatchEvent("pointerdown", { pointerId: 5, pointerType: "touch", button: 0, clientX: 200, clientY: 300, bubbles: true });
  await expect(chart(page, "CPU").locator(".cross")).toBeVisible();
});

test("a name without end stays within its card", async ({ signedIn: page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await openCharts(page);
  // As a container, and what happened to it, may be called.
  await page.evaluate(() => {
    const name = "A".repeat(200);
    for (const label of document.querySelectorAll(".series")) label.lastChild!.textContent = name;
    document.querySelector(".after")!.innerHTML = `<section class="card"><ol class="events"><li><time>18:10:31</time><span><a href="/">${name}</a></span></li></ol></section>`;
  });
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(beyond).toBeLessThanOrEqual(0);
});

test("a console that is gone leaves what was known, and says since when", async ({ start, page }) => {
  const own = await start();
  const { addUser } = await import("../support/test");
  addUser(own, CTO, "cto");
  await signIn(page, own, CTO);
  await openCharts(page, `${own.url}/resources?range=300s`);
  await expectLive(page);
  await own.down("SIGKILL");
  await expect(page.locator(".told")).toContainText(/Last sample at \d\d:\d\d:\d\d, \d+ s ago\./, { timeout: 30_000 });
  await expect(line(page, "CPU")).toBeVisible();
  await own.up();
  await expectLive(page);
  await expect(page.locator(".told")).toBeEmpty();
});

test("a service has its own charts", async ({ signedIn: page }) => {
  // The stack is read in the background, too.
  await expect(async () => {
    await open(page, `/deployment/${PROJECT}/backend?range=300s`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("backend", { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  // A level line is no higher than nothing, and hidden to the test.
  await expect(page.locator("section.chart svg.plot path.line").first()).toBeAttached({ timeout: 40_000 });
  await expect(page.getByRole("slider", { name: /^CPU/ }).first()).toBeVisible();
  await page.getByRole("link", { name: "1 h", exact: true }).click();
  await expect(page).toHaveURL(/backend\?range=3600s/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("backend");
});

test("the wall fills the screen, goes on by itself and comes back after an update", async ({ signedIn: page }) => {
  await openCharts(page, "/resources");
  await page.goto("/wall");
  await expect(page.getByRole("status", { name: "Overall status" })).toHaveText(/\w/);
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page.getByRole("navigation")).toHaveCount(0);
  await expectWholeLegends(page);
  await expect(page.getByRole("list", { name: "Services" }).getByRole("listitem").filter({ hasText: "redis" })).toHaveText(/^redis \w/);
  const before = page.viewportSize();
  for (const size of [{ width: 1920, height: 1080 }, { width: 1440, height: 900 }]) {
    await page.setViewportSize(size);
    const beyond = () => page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
    await expect.poll(beyond).toBeLessThanOrEqual(0);
    await expectWholeLegends(page);
  }
  if (before) await page.setViewportSize(before);
  const plot = chart(page, "CPU").locator("svg.plot path.line").first();
  await expect(plot).toBeAttached();
  const shape = await plot.getAttribute("d");
  await expect(plot).not.toHaveAttribute("d", shape ?? "");
  await page.getByRole("link", { name: "Leave" }).click();
  await expect(page).toHaveURL(/\/resources/);
});

test("hosts stand side by side; of one that is silent it is said since when", async ({ page, start }) => {
  // A minute of a host that fell silent before a minute, and a console of its own: no other test finds a further host.
  const own = await start({ env: { YTOPS_HOST: "box-1" } });
  addUser(own, CTO, "cto");
  const error = { uuid: "GPU-1", card: "GPU 0", xid: 79 };
  const token = agentToken(own, "gpu-2");
  await sendAs(own, "gpu-2", token, 60, { errors: [error] });
  await signIn(page, own, CTO);
  await openCharts(page, `${own.url}/resources?range=300s`);
  const hosts = page.getByRole("group", { name: "Host" });
  await expect(async () => {
    await page.reload();
    await expect(hosts.getByRole("link")).toHaveText(["This host", "All hosts", "gpu-2"], { timeout: 2_000 });
  }).toPass({ timeout: 40_000 });
  await hosts.getByRole("link", { name: "All hosts" }).click();
  await expect(page).toHaveURL(/host=%2A/);
  const [here, there] = ["CPU · box-1", "CPU · gpu-2"].map((title) => chart(page, title));
  await expect(here.locator("svg.plot path.line").first()).toBeVisible();
  await expect(there.locator("svg.plot path.line").first()).toBeVisible();
  const told = page.locator(".told .note");
  await expect(told).toHaveText(/^gpu-2: Last sample at \d\d:\d\d:\d\d, \d+ (s|min) ago\.$/);
  await expect(there.locator(".of")).toHaveText(/^at \d\d:\d\d/);
  await expect(here.locator(".of")).not.toHaveText(/^at/);
  // Those of a kind in one row, a host below itself; what one lacks has its place.
  const place = async (title: string) => {
    const box = await chart(page, title).boundingBox();
    if (!box) throw new Error(`no ${title}`);
    return box;
  };
  const [one, other, below, beside] = [await place("CPU · box-1"), await place("CPU · gpu-2"), await place("Load · box-1"), await place("Load · gpu-2")];
  expect(other.y).toBe(one.y);
  expect(other.x).toBeGreaterThan(one.x + one.width - 1);
  expect([below.x, beside.x]).toEqual([one.x, other.x]);
  expect(below.y).toBeGreaterThan(one.y);
  await expect(page.getByText("Memory · gpu-2: not in its overview")).toBeVisible();
  // One scale: what stands side by side is compared.
  const shares = async (of: typeof here) => (await of.locator("svg.plot text.axis").allTextContents()).filter((text) => text.endsWith("%"));
  expect((await shares(here)).length).toBeGreaterThan(1);
  await expect.poll(() => shares(there)).toEqual(await shares(here));
  // What the driver told of the other host's card, with what it means.
  const happened = page.getByRole("link", { name: "gpu-2: GPU 0: fell off the bus (XID 79)" });
  await expect(happened).toBeVisible({ timeout: 30_000 });
  await expect(happened).toHaveAttribute("href", "/resources?view=gpus&host=gpu-2");
  await expect(there.locator("svg.plot path.mark.s2, svg.plot path.mark.s3").first()).toBeAttached();
  await expectNoAxeFindings(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  await expect(page.getByText("Memory · gpu-2: not in its overview")).toBeHidden();
  await hosts.getByRole("link", { name: "gpu-2" }).click();
  await expect(told).toHaveText(/^Last sample at /);
  await page.goto(`${own.url}/wall?host=*&range=300s`);
  await expect(chart(page, "CPU · gpu-2").locator("svg.plot path.line").first()).toBeAttached();
  await expect(told).toHaveText(/^gpu-2: Last sample at /);
  // What it sends from now on comes by the stream that tells of this host, too: nothing can be read any more. Only what
  // is in view is drawn.
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.route("**/fn/charts*", (route) => route.abort());
  await expect(async () => {
    await sendAs(own, "gpu-2", token, 0, {}, true);
    await expect(there.locator(".now")).toHaveText(/^85/, { timeout: 2_000 });
    await expect(here.locator(".of")).not.toHaveText(/^at/, { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
});
