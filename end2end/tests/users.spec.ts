import { readFileSync } from "node:fs";

import { sql } from "../support/console";
import { PROJECT } from "../support/stack";
import { addUser, CTO, expect, expectLive, expectNoAxeFindings, expectToast, open, signIn, test, userId, type Person } from "../support/test";

const NEW: Person = { email: "vera@example.com", name: "Vera Viewer", password: "eleven quiet foxes run" };

test("a CTO makes an account; a change of its role counts in the page that stands open", async ({ browser, console, signedIn }) => {
  const page = signedIn;
  await open(page, "/settings/users/new");
  await page.getByLabel("Name").fill(NEW.name);
  await page.getByLabel("E-mail").fill(NEW.email);
  await page.getByLabel("Role").selectOption("viewer");
  await page.getByLabel("Their first password").fill(NEW.password);
  await page.getByRole("button", { name: "Make the account" }).click();
  await expectToast(page, "The account was made.");
  await expect(page.getByRole("row").filter({ hasText: NEW.email })).toContainText("Viewer");

  const theirs = await (await browser.newContext()).newPage();
  await signIn(theirs, console, NEW);
  await open(theirs, `${console.url}/`);
  const audit = theirs.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Audit" });
  await expect(audit).toHaveCount(0);

  await page.getByRole("link", { name: NEW.name }).click();
  await expect(page.getByRole("heading", { name: NEW.name, level: 1 })).toBeVisible();
  await page.getByLabel("Role").selectOption("team_lead");
  await page.getByRole("button", { name: "Save" }).click();
  await expectToast(page, "The account was changed.");
  await expect(audit.first()).toBeVisible();
  await expectLive(theirs);
  await theirs.context().close();

  await open(page, `/audit?target=${encodeURIComponent(NEW.email)}`);
  for (const action of ["user.create", "user.update"]) {
    const entry = page.getByRole("row").filter({ hasText: action });
    await expect(entry).toContainText(CTO.email);
    await expect(entry).toContainText("success");
    await expect(entry).toContainText("127.0.0.1");
  }
});

test("an address that is taken, and a name too long, are refused at their fields", async ({ signedIn: page }) => {
  await open(page, "/settings/users/new");
  await page.getByLabel("Name").fill("Someone Else");
  await page.getByLabel("E-mail").fill(CTO.email);
  await page.getByLabel("Their first password").fill("eleven quiet foxes run");
  await page.getByRole("button", { name: "Make the account" }).click();
  await expect(page.getByRole("alert").filter({ hasText: /./ })).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Name")).toHaveValue("Someone Else");
});

test("a viewer may press nothing, and pages of others refuse them", async ({ console, page }) => {
  const viewer: Person = { email: "vic@example.com", name: "Vic Viewer", password: "twelve slow barges drift" };
  addUser(console, viewer, "viewer");
  await signIn(page, console, viewer);

  await open(page, "/deployment");
  await expect(page.getByRole("button", { name: "Verify now" })).toBeDisabled();
  await expect(page.getByRole("link", { name: /^Restart / })).toHaveCount(0);
  for (const button of await page.getByRole("button", { name: /^Restart / }).all()) await expect(button).toBeDisabled();
  // Why not is within reach of a keyboard.
  const why = page.getByText("Your role may not run verification.");
  await expect(why).toBeHidden();
  await page.getByRole("button", { name: "Verify now" }).focus();
  await expect(why).toBeVisible();
  await expectNoAxeFindings(page);
  await page.getByRole("button", { name: "Restart backend" }).focus();
  await expect(page.getByText("Viewers may not start, stop or restart services").filter({ visible: true })).toHaveCount(1);
  await expect(why).toBeHidden();

  // A dialog that the address opens says so as well, and offers nothing.
  await open(page, `/deployment/${PROJECT}/backend?confirm=restart`);
  const dialog = page.getByRole("dialog", { name: "Restart backend?" });
  await expect(dialog).toContainText("Your role sees services only.");
  await expect(dialog.getByRole("button")).toHaveCount(0);
  await dialog.getByRole("link", { name: "Close" }).click();
  await expect(dialog).toBeHidden();

  for (const path of ["/audit", "/settings/users", "/settings/users/new", `/settings/users/${userId(console, CTO)}`, "/settings/teams", "/settings/tokens", "/settings/thresholds"]) {
    const answer = await page.goto(path);
    expect.soft(answer?.status(), path).toBe(403);
    await expect(page.getByRole("alert").filter({ hasText: "You may not" }).first()).toBeVisible();
    await expect(page.getByRole("main")).not.toContainText(CTO.email);
    await expect(page.getByRole("main").locator("form, .btn")).toHaveCount(0);
  }
  const csv = await page.request.get("/audit.csv");
  expect(csv.status()).toBe(403);
});

test.describe("by thumb", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true });

  test("a tap on a button that may not be pressed tells why", async ({ console, page }) => {
    const viewer: Person = { email: "tom@example.com", name: "Tom Thumb", password: "fifteen calm seals doze" };
    addUser(console, viewer, "viewer");
    await signIn(page, console, viewer);
    await open(page, `/deployment/${PROJECT}/backend`);
    await page.getByRole("button", { name: "Restart", exact: true }).tap({ force: true });
    const why = page.locator(".why").filter({ visible: true });
    await expect(why).toContainText("Your role sees services only.");
    const box = await why.boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(360);
  });
});

test("teams that labels name are made from the list, and are not chosen by that", async ({ console, signedIn: page }) => {
  await open(page, "/settings/teams");
  const data = page.getByRole("listitem").filter({ hasText: /^data/ });
  await expect(data).toContainText("not made yet", { timeout: 60_000 });
  await data.getByRole("button", { name: "Make the team data" }).click();
  await expectToast(page, "The team was made.");
  await expect(data).toContainText("no members");

  const owner = page.getByLabel("Belongs to");
  await open(page, `/deployment/${PROJECT}/redis`);
  await expect(owner.locator("option:checked")).toHaveText("as the label ytops.team says: data");
  const before = sql(console.database, "SELECT count(*) FROM service_team");
  expect(before).toBe("0");
  await owner.selectOption("data");
  await page.getByRole("button", { name: "Save" }).click();
  await expectToast(page, "The owner team was changed.");
  await open(page, `/deployment/${PROJECT}/redis`);
  await expect(owner.locator("option:checked")).toHaveText("data");
  await owner.selectOption("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect.poll(() => sql(console.database, "SELECT count(*) FROM service_team")).toBe("0");
});

test("thresholds are typed in per cent and kept as shares", async ({ console, signedIn: page }) => {
  await open(page, "/settings/thresholds");
  const disk = page.getByLabel("The disk is fuller, %");
  const save = () => page.getByRole("button", { name: "Save" }).first().click();
  const kept = () => sql(console.database, "SELECT value->>'max_disk_usage' FROM setting WHERE key = 'thresholds'");
  const first = await disk.inputValue();
  expect(Number(first)).toBeGreaterThan(1);
  await disk.fill("120");
  await save();
  await expect(disk).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByText("Give a percentage from 1 to 100.")).toBeVisible();
  await disk.fill("85,5 %");
  await save();
  await expectToast(page, "The thresholds were saved.");
  expect(kept()).toBe("0.855");
  await page.reload();
  await expectLive(page);
  await expect(disk).toHaveValue("85.5");
  await disk.fill(first);
  await save();
  await expect.poll(kept).toBe(String(Number(first) / 100));
});

test("an engineer may not run verification either", async ({ console, page }) => {
  const engineer: Person = { email: "ed@example.com", name: "Ed Engineer", password: "nine tame otters swim" };
  addUser(console, engineer, "engineer");
  await signIn(page, console, engineer);
  await open(page, "/deployment");
  await expect(page.getByRole("button", { name: "Verify now" })).toBeDisabled();
});

test("the audit log is filtered, refusals stand in it, and it downloads as CSV", async ({ browser, console, signedIn: page }) => {
  const curious: Person = { email: "curt@example.com", name: "Curt Curious", password: "thirty red kites climb" };
  addUser(console, curious, "viewer");
  const theirs = await (await browser.newContext()).newPage();
  await signIn(theirs, console, curious);
  await theirs.goto(`${console.url}/settings/users`);
  await theirs.context().close();

  await open(page, "/audit");
  await page.getByLabel("Who").fill(curious.email);
  await page.getByLabel("Result", { exact: true }).selectOption("refused");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/result=refused/);
  const rows = page.getByRole("table").getByRole("row");
  await expect(rows.filter({ hasText: "request.refused" }).filter({ hasText: "/settings/users" })).toBeVisible();
  await expect(rows.filter({ hasText: "success" })).toHaveCount(0);

  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export as CSV" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  const lines = readFileSync(await file.path(), "utf8").trim().split(/\r?\n/);
  expect(lines[0]).toMatch(/actor.*action.*target/);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.slice(1).every((line) => line.includes(curious.email) && line.includes("refused"))).toBe(true);

  // Times are typed and shown in the reader's zone, and stand in the address as instants.
  await page.getByLabel(/^From, your time/).fill("2020-01-01T10:00");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/since=20\d\d-\d\d-\d\dT\d\d%3A00%3A00\.000Z/);
  await expect(rows.filter({ hasText: "/settings/users" })).toBeVisible();
  const from = page.getByLabel(/^From, your time/);
  await expect(from).toHaveValue(/^2020-01-01T10:00/);
  await page.getByLabel(/^To, your time/).fill("2020-01-02T10:00");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByText("No entry matches")).toBeVisible();
  await open(page, "/audit?since=yesterday&until=2020-01-02T10:00");
  await expect(from).toHaveAttribute("aria-invalid", "true");
  await expect(from).toHaveAccessibleDescription(/Give a time/);
  await expect(page.getByText("Nothing was looked for")).toBeVisible();
});

test("on a phone an entry about a long address stays within its card", async ({ console, signedIn: page }) => {
  const long: Person = { email: "lena.with-an-address.of.the.platform@example.com", name: "Lena Long", password: "nine small rivers bend" };
  addUser(console, long, "viewer");
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page, `/audit?target=${encodeURIComponent(long.email)}`);
  const cell = page.locator("td", { hasText: long.email }).first();
  await expect(cell).toBeVisible();
  const beyond = await cell.evaluate((cell) => {
    const words = document.createRange();
    words.selectNodeContents(cell);
    return words.getBoundingClientRect().right - cell.getBoundingClientRect().right;
  });
  expect(beyond).toBeLessThanOrEqual(1);
});

test("a token is shown once and ends when revoked", async ({ console, request, signedIn: page }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, "/settings/tokens");
  await page.getByLabel("What it is for").fill("nightly report");
  await page.getByLabel("Confined to").selectOption("platform");
  await page.getByRole("button", { name: "Make the token" }).click();
  const shown = page.getByRole("status").filter({ hasText: "It is shown this once" });
  const secret = await shown.locator("code").first().innerText();
  await shown.getByRole("button", { name: "Copy" }).click();
  await expectToast(page, "The token was copied.");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  await expect(page.getByLabel("What it is for")).toHaveValue("");
  await expect(page.getByLabel("Confined to").locator("option:checked")).toHaveText("no team");
  await expect(page.getByRole("row").filter({ hasText: "nightly report" })).toContainText("platform");
  const ask = () => request.get(`${console.url}/api/v1/stack`, { headers: { authorization: `Bearer ${secret}` } });
  expect((await ask()).status()).toBe(200);
  await open(page, "/settings/tokens");
  await expect(page.getByText(secret)).toHaveCount(0);
  const menu = page.locator("details.menu").filter({ has: page.getByLabel("Revoke nightly report") });
  const summary = menu.locator("summary");
  const card = page.locator(".card").filter({ has: menu });
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await summary.click();
    await expect(menu.locator(".sheet")).toBeVisible();
    // What asks once more lies within the card, which would cut it, and beside nothing that it hides.
    expect(await card.evaluate((card) => card.scrollHeight - card.clientHeight)).toBe(0);
    expect(await card.evaluate((card) => card.scrollWidth - card.clientWidth)).toBe(0);
    await page.keyboard.press("Escape");
  }
  await summary.click();
  await page.getByRole("button", { name: "Revoke nightly report" }).click();
  await expect(page.getByRole("row").filter({ hasText: "nightly report" })).toContainText("revoked");
  expect((await ask()).status()).toBe(401);
});
