import type { Browser, Page } from "@playwright/test";

import { Console, sql } from "../support/console";
import { addUser, CTO, expect, expectLive, open, signIn, test, trySignIn, userId, type Person } from "../support/test";
import { totp } from "../support/totp";

const ENGINEER: Person = { email: "eve@example.com", name: "Eve Engineer", password: "four blue lanterns glow" };
const UNKNOWN: Person = { email: "nobody@example.com", name: "", password: "no such password at all" };

// A console of its own: failed tries here must not make other tests wait.
let own: Console;
test.beforeAll(async () => {
  own = await Console.start();
  addUser(own, CTO, "cto");
  addUser(own, ENGINEER, "engineer");
});
test.afterAll(async () => own.remove());

async function signOut(page: Page): Promise<void> {
  await page.locator("details.menu > summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in/);
}

/** A page of a browser that knows nothing of the others. */
async function elsewhere(browser: Browser, options = {}): Promise<Page> {
  return (await browser.newContext(options)).newPage();
}

test("signing in leads to the page that was asked for, signing out ends it", async ({ page }) => {
  await page.goto(`${own.url}/deployment`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel("E-mail").fill(CTO.email);
  await page.getByLabel("Password").fill(CTO.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(`${own.url}/deployment`);
  await expect(page.getByRole("heading", { name: "Deployment", level: 1 })).toBeVisible();

  const [before] = await page.context().cookies();
  await signOut(page);
  await page.goto(`${own.url}/deployment`);
  await expect(page).toHaveURL(/\/sign-in/);
  // The cookie of before is worth nothing now.
  await page.context().addCookies([before]);
  await page.goto(`${own.url}/deployment`);
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a wrong password and an unknown user are told the same, and what was typed stays", async ({ page }) => {
  const told: string[] = [];
  for (const person of [{ ...CTO, password: "not the password" }, UNKNOWN]) {
    await trySignIn(page, own, person);
    await expect(page.getByRole("alert")).toContainText("do not match");
    await expect(page.getByLabel("E-mail")).toHaveValue(person.email);
    told.push(await page.getByRole("alert").innerText());
  }
  expect(told[1]).toBe(told[0]);
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a refused try says so and keeps the address", async ({ page }) => {
    await trySignIn(page, own, { ...ENGINEER, password: "not the password" });
    await expect(page.getByRole("alert")).toContainText("do not match");
    await expect(page.getByLabel("E-mail")).toHaveValue(ENGINEER.email);
    await expect(page.getByLabel("Password")).toHaveValue("");
  });

  test("one signs in, reads every page and signs out", async ({ page }) => {
    await signIn(page, own, CTO);
    for (const [path, heading] of [
      ["/", /well|known|look|needs you/],
      ["/deployment", /^Deployment$/],
      ["/audit", /^Audit log$/],
      ["/account", /^Account$/],
      ["/settings", /^Settings$/],
      ["/settings/users", /^Users$/],
    ] as const) {
      await page.goto(own.url + path);
      await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
      await expect(page.getByText("Reading…")).toHaveCount(0);
    }
    await page.goto(`${own.url}/audit?action=session.sign_in`);
    await expect(page.getByRole("row").filter({ hasText: "session.sign_in" }).first()).toBeVisible();
    // What is no text is not passed over: the field says so, and nothing is listed.
    for (const [bad, message] of [["%ff", "no readable text"], ["%00", "control characters"]]) {
      await page.goto(`${own.url}/audit?actor=${bad}&action=session`);
      await expect(page.getByLabel("Who")).toHaveAttribute("aria-invalid", "true");
      await expect(page.locator("#audit-actor-error")).toContainText(message);
      await expect(page.getByLabel("Action")).toHaveValue("session");
      await expect(page.locator("#audit-action-error")).toHaveCount(0);
      await expect(page.getByText("Nothing was looked for")).toBeVisible();
      await expect(page.getByRole("row")).toHaveCount(0);
    }
    await signOut(page);
  });
});

test("a second factor: enrolled, asked for, each code worth one sign-in", async ({ browser, page, start }) => {
  const own = await start();
  const person: Person = { email: "two@example.com", name: "Tove Two", password: "nine small rivers bend" };
  addUser(own, person, "viewer");
  await signIn(page, own, person);
  await open(page, `${own.url}/account`);
  const others = page.getByRole("button", { name: "End all my other sessions" });
  await expect(others).toBeDisabled();
  // Signed in just now: no proof is asked for again. Later the password is, but no code of one who has none.
  await expect(page.getByRole("button", { name: "Set it up" })).toBeVisible();
  await expect(page.getByLabel("Your password")).toHaveCount(0);
  sql(own.database, "UPDATE session SET proved_at = proved_at - interval '10 minutes'");
  await open(page, `${own.url}/account`);
  await page.getByLabel("Your password").fill(person.password);
  await expect(page.getByLabel("Code of your authenticator app")).toHaveCount(0);
  await page.getByRole("button", { name: "Set it up" }).click();
  await expect(page.getByRole("img", { name: /scan/ })).toBeVisible();
  const secret = await page.locator(".qr + code").innerText();
  await page.getByLabel("Code that the app shows now").fill(totp(secret));
  await page.getByRole("button", { name: "Turn it on" }).click();
  await expect(page.getByText("The second factor is on.")).toBeVisible();
  await expect(page.getByRole("link", { name: "New recovery codes" })).toHaveCSS("text-decoration-line", "none");
  const codes = await page.locator(".codes li").allInnerTexts();
  expect(codes).toHaveLength(10);
  // Whoever has one is asked for its code beside the password.
  sql(own.database, "UPDATE session SET proved_at = proved_at - interval '10 minutes'");
  await open(page, `${own.url}/account?confirm=disable-totp`);
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Your password")).toBeVisible();
  await expect(dialog.getByLabel("Code of your authenticator app")).toBeVisible();
  await dialog.getByRole("link", { name: "Cancel" }).or(dialog.getByRole("button", { name: "Cancel" })).first().click();
  await expect(dialog).toHaveCount(0);

  // That code is spent. The next one counts already, so nothing has to wait for the clock.
  const code = totp(secret, 1);
  const withCode = async (given: string) => {
    const other = await elsewhere(browser);
    await trySignIn(other, own, person);
    await expect(other.getByText("Now the second factor.")).toBeVisible();
    await expect(other.locator(".note.crit")).toHaveCount(0);
    await expect(other.getByLabel("Password")).toHaveValue(person.password);
    await other.getByLabel("Code").fill(given);
    await other.getByRole("button", { name: "Sign in" }).click();
    return other;
  };
  const first = await withCode(code);
  await first.waitForURL(`${own.url}/`);
  const again = await withCode(code);
  await expect(again.getByRole("alert")).toContainText("That code is wrong, or it was used already.");
  await expect(again).toHaveURL(/\/sign-in/);

  const recovered = await withCode(codes[0]);
  await recovered.waitForURL(`${own.url}/`);
  const reused = await withCode(codes[0]);
  await expect(reused.getByRole("alert")).toContainText("That code is wrong, or it was used already.");
  await expect(reused).toHaveURL(/\/sign-in/);

  await page.goto(`${own.url}/account`);
  await expect(page.getByText("9 recovery codes left.")).toBeVisible();
  await expect(others).toBeEnabled();
  for (const one of [first, again, recovered, reused]) await one.context().close();
});

test("whoever is disabled is thrown out of the page that stands open", async ({ browser, page }) => {
  const victim = await elsewhere(browser);
  await signIn(victim, own, ENGINEER);
  await open(victim, `${own.url}/deployment`);

  await signIn(page, own, CTO);
  await open(page, `${own.url}/settings/users/${userId(own, ENGINEER)}`);
  await page.getByRole("button", { name: "Disable" }).click();
  await expect(page.getByText("This account may not sign in.")).toBeVisible();

  await victim.waitForURL(/\/sign-in/);
  await trySignIn(victim, own, ENGINEER);
  await expect(victim.getByRole("alert")).toContainText("do not match");
  await victim.context().close();
});

test("a session ended elsewhere is out; the others stay", async ({ browser, page }) => {
  const other = await elsewhere(browser);
  await signIn(other, own, CTO);
  await open(other, `${own.url}/`);
  await signIn(page, own, CTO);
  await open(page, `${own.url}/account`);
  await page.getByRole("button", { name: /^End the session/ }).first().click();
  await other.waitForURL(/\/sign-in/);
  await expectLive(page);
  await other.context().close();
});
