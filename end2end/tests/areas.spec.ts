import type { Page } from "@playwright/test";

import { expect, expectLive, open, test } from "../support/test";

/** What belongs to the document that stands open, and goes with it. */
const mark = (page: Page) => page.evaluate(() => void ((window as { marked?: boolean }).marked = true));
const isMarked = (page: Page) => page.evaluate(() => (window as { marked?: boolean }).marked === true);
const script = (page: Page) => page.locator('link[rel="modulepreload"]').getAttribute("href");
const title = (page: Page, text: string) => expect(page.getByRole("heading", { level: 1 })).toHaveText(text);

test("from one area to the other a page is loaded anew, within an area it is not", async ({ signedIn: page }) => {
  await open(page, "/deployment");
  const operations = await script(page);
  await mark(page);
  const pages = page.getByRole("navigation", { name: "Pages" }).first();
  await pages.getByRole("link", { name: "Overview" }).click();
  await expect(page).toHaveURL(/\/$/);
  await expectLive(page);
  expect(await isMarked(page)).toBe(true);

  await pages.getByRole("link", { name: "Settings" }).click();
  await title(page, "Settings");
  await expectLive(page);
  expect(await isMarked(page)).toBe(false);
  expect(await script(page)).not.toBe(operations);

  await mark(page);
  await pages.getByRole("link", { name: "Audit" }).click();
  await title(page, "Audit log");
  await expectLive(page);
  expect(await isMarked(page)).toBe(true);
});

test("back and forward cross areas, one step each", async ({ signedIn: page }) => {
  await open(page, "/deployment");
  const pages = page.getByRole("navigation", { name: "Pages" }).first();
  await pages.getByRole("link", { name: "Settings" }).click();
  await title(page, "Settings");
  await expectLive(page);
  await page.getByRole("link", { name: "Teams" }).first().click();
  await title(page, "Teams");
  await page.goBack();
  await title(page, "Settings");
  await page.goBack();
  await title(page, "Deployment");
  await expectLive(page);
  await page.goForward();
  await title(page, "Settings");
  await expectLive(page);
});

test("the palette leads into the other area", async ({ signedIn: page }) => {
  await open(page, "/");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("roles");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/settings\/roles$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Roles");
  await expectLive(page);
});

test("an address without a page says so in either area", async ({ signedIn: page }) => {
  for (const path of ["/nothing", "/settings/nothing"]) {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(404);
    await title(page, "There is no such page");
  }
});
