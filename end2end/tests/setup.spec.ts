import { expect, test } from "../support/test";

const FIRST = { name: "Ada First", email: "ada@example.com", password: "seven grey herons wade" };

async function fill(page: import("@playwright/test").Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel("Your name").fill(FIRST.name);
  await page.getByLabel("E-mail").fill(FIRST.email);
  await page.getByLabel("Password").fill(FIRST.password);
  await page.getByRole("button", { name: "Make the account" }).click();
}

test("the printed link makes the first CTO, and is dead after use", async ({ browser, page, start }) => {
  const fresh = await start();
  const link = fresh.setupLink();

  await fill(page, link);
  await page.waitForURL(`${fresh.url}/`);
  await page.goto(`${fresh.url}/account`);
  await expect(page.getByRole("main")).toContainText(FIRST.email);
  await expect(page.getByRole("main").getByRole("link", { name: "CTO" })).toBeVisible();

  const stranger = await browser.newPage();
  await stranger.goto(link);
  await expect(stranger.getByText("The link was used, or it is older than 24 hours.")).toBeVisible();
  await expect(stranger.getByLabel("Your name")).toHaveCount(0);
  await stranger.close();

  // A console with users prints no link any more.
  const printed = fresh.output.length;
  await fresh.down();
  await fresh.up();
  expect(fresh.output.slice(printed).join("")).not.toContain("/setup?token=");
});

test("a link that somebody else used meanwhile says so and keeps what was typed", async ({ browser, page, start }) => {
  const fresh = await start();
  await page.goto(fresh.setupLink());
  await page.getByLabel("Your name").fill("Bob Second");
  await page.getByLabel("E-mail").fill("bob@example.com");
  await page.getByLabel("Password").fill(FIRST.password);
  const quicker = await browser.newPage();
  await fill(quicker, fresh.setupLink());
  await quicker.waitForURL(`${fresh.url}/`);
  await quicker.close();
  await page.getByRole("button", { name: "Make the account" }).click();
  await expect(page.getByRole("alert")).toContainText("There is no such set-up link, or it was used");
  await expect(page.getByLabel("Your name")).toHaveValue("Bob Second");
  await expect(page.getByLabel("E-mail")).toHaveValue("bob@example.com");

  await page.goto(`${fresh.url}/setup?token=${"0".repeat(43)}`);
  await expect(page.getByText("The link was used, or it is older than 24 hours.")).toBeVisible();

  await page.goto(`${fresh.url}/setup`);
  await expect(page.getByText("The link is not complete.")).toBeVisible();
});

test("a weak password is refused at its field", async ({ page, start }) => {
  const fresh = await start();
  await page.goto(fresh.setupLink());
  await page.getByLabel("Your name").fill(FIRST.name);
  await page.getByLabel("E-mail").fill(FIRST.email);
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Make the account" }).click();
  await expect(page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/12 characters/);
  await expect(page.getByLabel("Your name")).toHaveValue(FIRST.name);
});
