import { readFileSync } from "node:fs";

import { chart, expectWholeLegends, line, openCharts, reader } from "../support/charts";
import { expect, open, test } from "../support/test";

test("a range is drawn with the mouse, and Back leads out of it", async ({ signedIn: page }) => {
  await openCharts(page);
  const place = await reader(page, "CPU").boundingBox();
  if (!place) throw new Error("no plot");
  const y = place.y + place.height / 2;
  await page.mouse.move(place.x + place.width * 0.5, y);
  await page.mouse.down();
  await page.mouse.move(place.x + place.width * 0.8, y, { steps: 4 });
  await expect(chart(page, "CPU").locator(".select")).toBeVisible();
  await page.mouse.up();
  await expect(page).toHaveURL(/range=\d+-\d+/);
  const range = page.url().match(/range=(\d+)-(\d+)/);
  // Three tenths of five minutes.
  expect(Number(range?.[2]) - Number(range?.[1])).toBeGreaterThan(80_000);
  expect(Number(range?.[2]) - Number(range?.[1])).toBeLessThan(100_000);
  // What was drawn is told to the second.
  await expect(page.locator(".between > summary")).toHaveText(/\d\d:\d\d:\d\d to .*\d\d:\d\d:\d\d$/);
  await expect(page.locator(".board")).not.toHaveAttribute("aria-busy", "true");
  await page.goBack();
  await expect(page).toHaveURL(/range=300s/);
  await expect(page.getByRole("link", { name: "5 m", exact: true })).toHaveAttribute("aria-current", "true");
  await expect(line(page, "CPU")).toBeVisible();
});

test("the legend mutes a series, and shows one alone", async ({ signedIn: page }) => {
  await openCharts(page);
  const cpu = chart(page, "CPU");
  const lines = cpu.locator("svg.plot path.area");
  const user = cpu.getByRole("button", { name: "user", exact: true });
  await expect(lines.first()).toBeVisible();
  const all = await cpu.locator("[data-line]").count();
  await user.click();
  await expect(user).toHaveAttribute("aria-pressed", "false");
  // What the heading tells is a part, and it says so.
  await expect(cpu.locator(".of")).toHaveText(`${all - 1} of ${all} shown`);
  await expect(cpu.locator("svg.plot path.line.h0")).toHaveCount(0);
  await user.click();
  await expect(cpu.locator("svg.plot path.line.h0").first()).toBeVisible();
  await cpu.getByRole("button", { name: "Only system" }).click();
  await expect(user).toHaveAttribute("aria-pressed", "false");
  await expect(cpu.getByRole("button", { name: "system", exact: true })).toHaveAttribute("aria-pressed", "true");
  // The same again, by keyboard, shows all.
  await cpu.getByRole("button", { name: "system", exact: true }).focus();
  await page.keyboard.press("Shift+Enter");
  await expect(user).toHaveAttribute("aria-pressed", "true");
});

test("one time is read on all charts, by pointer and by keyboard", async ({ signedIn: page }) => {
  await openCharts(page);
  await reader(page, "CPU").hover();
  await expect(chart(page, "CPU").locator(".at")).toHaveText(/^\d\d:\d\d:\d\d/);
  await expect(chart(page, "Memory").locator(".cross")).toBeVisible();
  await page.mouse.move(2, 2);
  await expect(chart(page, "Memory").locator(".cross")).toBeHidden();

  await reader(page, "CPU").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await expect(reader(page, "CPU")).toHaveAttribute("aria-valuetext", /^\d\d:\d\d:\d\d.*user /);
  const before = await chart(page, "Memory").locator(".at").textContent();
  await page.keyboard.press("Shift+ArrowLeft");
  await expect(chart(page, "Memory").locator(".at")).not.toHaveText(before ?? "");
  await page.keyboard.press("Escape");
  await expect(chart(page, "Memory").locator(".cross")).toBeHidden();
});

test("a comparison is a link, and told in the legend", async ({ signedIn: page }) => {
  await openCharts(page);
  await page.getByRole("group", { name: "Compare with" }).getByRole("link", { name: "yesterday" }).click();
  await expect(page).toHaveURL(/range=300s&before=86400/);
  await expect(page.getByRole("group", { name: "Compare with" }).getByRole("link", { name: "yesterday" })).toHaveAttribute("aria-current", "true");
  // This console knows of no yesterday, and says so.
  await expect(chart(page, "CPU").getByText("yesterday: no samples of that time")).toBeVisible();
});

test("a chart is taken along as CSV, SVG and PNG", async ({ signedIn: page }) => {
  await openCharts(page);
  const take = async (kind: string, name = `${kind}, `) => {
    await chart(page, "CPU").locator("summary", { hasText: "Export" }).click();
    const [download] = await Promise.all([page.waitForEvent("download"), chart(page, "CPU").getByRole("button", { name }).click()]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`-cpu-\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d\\.${kind.toLowerCase()}$`));
    return readFileSync(await download.path());
  };
  const rows = (await take("CSV", "CSV, drawn points")).toString().trim().split("\r\n");
  expect(rows[0]).toMatch(/^time,"user \(1\)"/);
  expect(rows.length).toBeGreaterThan(2);
  expect(rows[1]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z,0(\.\d+)?/);
  // All points are at least as many.
  const all = (await take("all.csv", "CSV, up to 24,000 points")).toString().trim().split("\r\n");
  expect(all[0]).toMatch(/^time,"user \(1\)"/);
  expect(all.length).toBeGreaterThanOrEqual(rows.length - 5);
  const svg = (await take("SVG")).toString();
  expect(svg).toContain('xmlns="http://www.w3.org/2000/svg"');
  expect(svg).not.toContain("var(");
  const parsed = await page.evaluate((svg) => new DOMParser().parseFromString(svg, "image/svg+xml").querySelector("parsererror")?.textContent, svg);
  expect(parsed).toBeUndefined();
  expect((await take("PNG")).subarray(1, 4).toString()).toBe("PNG");
});

test("a table stands behind each chart", async ({ signedIn: page }) => {
  await openCharts(page);
  const heights = () => page.locator("section.chart").evaluateAll((all) => all.map((card) => card.getBoundingClientRect().height));
  const before = await heights();
  await chart(page, "CPU").getByText("Table", { exact: true }).click();
  const table = chart(page, "CPU").getByRole("table");
  await expect(table.getByRole("columnheader", { name: "user" })).toBeVisible();
  await expect(table.getByRole("row")).not.toHaveCount(1);
  // The newest first; rows without a value are left out.
  const times = await table.getByRole("rowheader").allTextContents();
  expect(times).toEqual([...times].sort().reverse());
  await expect(table.getByRole("row", { name: /^\S+( –)+$/ })).toHaveCount(0);
  await expect(table.getByRole("cell", { name: /\d %/ }).first()).toBeVisible();
  // It scrolls inside its card: neither this one nor its neighbours become another height.
  expect(await heights()).toEqual(before);
  const [card, place] = [await chart(page, "CPU").boundingBox(), await chart(page, "CPU").locator(".numbers > .scroll").boundingBox()];
  expect((place?.x ?? 0) + (place?.width ?? 0)).toBeLessThanOrEqual((card?.x ?? 0) + (card?.width ?? 0));
  await chart(page, "CPU").getByText("Table", { exact: true }).click();
  await expect(reader(page, "CPU")).toBeVisible();
});

test("two fingers zoom", async ({ signedIn: page }) => {
  await openCharts(page);
  const place = await reader(page, "CPU").boundingBox();
  if (!place) throw new Error("no plot");
  const touch = (type: string, pointerId: number, share: number) =>
    reader(page, "CPU").dispatchEvent(type, { pointerId, pointerType: "touch", button: 0, clientX: place.x + place.width * share, clientY: place.y + 20, bubbles: true });
  await touch("pointerdown", 1, 0.4);
  await touch("pointerdown", 2, 0.6);
  await touch("pointermove", 1, 0.3);
  await touch("pointermove", 2, 0.7);
  await touch("pointerup", 1, 0.3);
  await expect(page).toHaveURL(/range=\d+-\d+/);
  const range = page.url().match(/range=(\d+)-(\d+)/);
  // Twice as far apart: half of five minutes.
  expect((Number(range?.[2]) - Number(range?.[1])) / 1_000).toBeCloseTo(150, -1);
});

test("the heading tells of the time that is pointed at, and always of the same line", async ({ signedIn: page }) => {
  await openCharts(page);
  const load = chart(page, "Load");
  await expect(load.locator(".of")).toHaveText("1 min");
  // Read at one moment: between two a second may pass, and the page goes on.
  const told = () =>
    load.evaluate((card) => {
      const text = (selector: string) => card.querySelector(selector)?.textContent ?? "";
      return [`${text(".now")} ${text(".unit")}`.trim(), text(".legend .val"), text(".of")];
    });
  await reader(page, "CPU").focus();
  for (const key of ["PageUp", "ArrowLeft", "PageUp", "PageDown"]) {
    await page.keyboard.press(key);
    await expect(load.locator(".cross")).toBeVisible();
    const [heading, legend, of] = await told();
    expect(heading).toBe(legend);
    expect(of).toMatch(/^(1 min)?$/);
  }
});

test("a menu closes by a click elsewhere and by Escape, which gives focus back", async ({ signedIn: page }) => {
  await openCharts(page);
  const summary = chart(page, "CPU").locator("summary", { hasText: "Export" });
  const entry = chart(page, "CPU").getByRole("button", { name: "SVG, as shown" });
  await summary.click();
  await expect(entry).toBeVisible();
  await page.getByRole("heading", { level: 1 }).click();
  await expect(entry).toBeHidden();
  await summary.click();
  await entry.focus();
  await page.keyboard.press("Escape");
  await expect(entry).toBeHidden();
  await expect(summary).toBeFocused();
  // One that opens closes the other.
  const other = page.locator(".between > summary");
  await summary.click();
  await other.click();
  await expect(entry).toBeHidden();
  await expect(page.getByRole("button", { name: "Show", exact: true })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Show", exact: true })).toBeHidden();
  await expect(other).toBeFocused();
});

test("legends show all of their rows, and no two lines look the same", async ({ signedIn: page }) => {
  await openCharts(page);
  for (const view of ["overview", "containers"]) {
    await open(page, `/resources?view=${view}`);
    await expect(page.locator("section.chart svg.plot path.line").first()).toBeAttached();
    await expectWholeLegends(page);
    // Without its colour each is told by the shape and filling of its marker, and by its dash.
    for (const legend of await page.locator(".legend").all()) {
      const looks = await legend.locator(".series > svg").evaluateAll((all) =>
        all.map((one) => [...one.querySelectorAll("path")].map((path) => path.getAttribute("d") + (path.classList[2] ?? "")).join()),
      );
      expect(new Set(looks).size).toBe(looks.length);
    }
  }
});
