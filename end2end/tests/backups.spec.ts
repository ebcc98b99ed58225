import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Page } from "@playwright/test";

import { sql, type Console } from "../support/console";
import { docker, container, PROJECT } from "../support/stack";
import { addUser, CTO, expect, expectNoAxeFindings, open, signIn, test, type Person } from "../support/test";

// On the sample platform's own database: a table of this test is backed up, dropped, restored, and dropped again by an undo.
test.describe.configure({ mode: "serial", timeout: 240_000 });

const DATABASE = PROJECT;
const SET = `${PROJECT} ${DATABASE}`;
const CONFIG = `${PROJECT} config`;

/** Runs SQL in the platform's database, as someone at the server's shell would. */
const inPlatform = (statement: string): string =>
  docker("exec", container("postgres"), "/usr/lib/postgresql/15/bin/psql", "-XAtq", "-U", "postgres", "-d", DATABASE, "-c", statement);

const setId = (on: Console, name = SET): string => sql(on.database, `SELECT id FROM backup_set WHERE name = '${name}'`);

/** Waits on the page of an operation until it is over, and says how. */
async function expectDone(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/backups\/operations\/\d+$/);
  await expect(page.getByRole("main").getByRole("status").locator(".st").first()).toHaveText("done", { timeout: 180_000 });
}

async function openSet(page: Page, on: Console, name = SET): Promise<void> {
  await expect.poll(() => setId(on, name), { timeout: 60_000 }).not.toBe("");
  await open(page, `/backups/${setId(on, name)}`);
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

/** Types the name, and the password where it is asked for. */
async function confirm(page: Page, button: string, name = SET): Promise<void> {
  await page.getByLabel("Type the set's name to confirm").fill(name);
  const password = page.getByLabel("Your password");
  if (await password.isVisible()) await password.fill(CTO.password);
  await page.getByRole("button", { name: button, exact: true }).click();
}

/** On a phone, in either theme, nothing is wider than the page, and axe finds nothing. */
async function expectFine(page: Page, where: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 360, height: 740 });
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), where).toBeLessThanOrEqual(360);
    await expectNoAxeFindings(page, `${where}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1440, height: 900 });
}

test.beforeAll(() => {
  inPlatform("DROP TABLE IF EXISTS backup_trial; CREATE TABLE backup_trial AS SELECT n, md5(n::text) AS note FROM generate_series(1, 2000) n");
});

test.afterAll(() => {
  inPlatform("DROP TABLE IF EXISTS backup_trial");
  // What restores put aside is kept for days.
  const aside = inPlatform(`SELECT datname FROM pg_database WHERE datname ~ '^${DATABASE}_(before|undone|restore)_'`);
  for (const name of aside.split("\n").filter(Boolean)) inPlatform(`DROP DATABASE "${name}" WITH (FORCE)`);
});

test("sets are found in the stack without being made", async ({ console, signedIn: page }) => {
  await expect.poll(() => setId(console), { timeout: 60_000 }).not.toBe("");
  await open(page, "/backups");
  for (const name of [SET, `${PROJECT} n8n`, `${PROJECT} config`, "console"]) {
    await expect(page.getByRole("link", { name, exact: true })).toBeVisible();
  }
});

test("a backup is taken, read back, and proven by a drill", async ({ console, signedIn: page }) => {
  await openSet(page, console);
  await page.getByRole("button", { name: "Back up now" }).click();
  await expectDone(page);
  await expect(page.getByRole("listitem").filter({ hasText: "Read back" }).locator(".st")).toHaveText("done");
  await page.getByRole("link", { name: "The backup set" }).click();
  await expect(page.locator("#history tbody tr").first()).toContainText("read back");

  await page.getByRole("button", { name: "Run a drill" }).click();
  await expectDone(page);
  await page.getByRole("link", { name: "The backup set" }).click();
  await expect(page.locator("#history tbody tr").first()).toContainText("proven");
  await expect(page.getByRole("main").getByRole("status")).toContainText("proven restorable");
  await open(page, "/");
  await expect(page.getByRole("banner")).toContainText("Last good backup");
});

test("a restore tells what it does, brings the table back, and is undone", async ({ console, signedIn: page }) => {
  inPlatform("DROP TABLE backup_trial");
  await openSet(page, console);
  await page.locator("#history tbody tr").first().getByRole("link", { name: "Restore" }).click();
  await expect(page.getByRole("heading", { level: 1, name: `Restore ${SET}` })).toBeVisible();
  await expect(page.getByText("public.backup_trial")).toBeVisible();
  await expect(page.getByText("not there any more, 2000 rows then")).toBeVisible();
  await expectNoAxeFindings(page, "the plan of a restore");

  // A name that is another one is refused where it was typed.
  await page.getByLabel("Type the set's name to confirm").fill("something else");
  const password = page.getByLabel("Your password");
  if (await password.isVisible()) await password.fill(CTO.password);
  await page.getByRole("button", { name: "Restore", exact: true }).click();
  await expect(page.getByLabel("Type the set's name to confirm")).toHaveAttribute("aria-invalid", "true");
  await confirm(page, "Restore");
  await expectDone(page);
  await expectNoAxeFindings(page, "the operation");
  expect(inPlatform("SELECT count(*) FROM backup_trial")).toBe("2000");

  await page.getByRole("link", { name: "The backup set" }).click();
  await expect(page.locator("#restores tbody tr").first()).toContainText("can be undone");
  await page.locator("#restores").getByRole("link", { name: "Undo" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await confirm(page, "Undo");
  await expectDone(page);
  expect(inPlatform("SELECT to_regclass('backup_trial') IS NULL")).toBe("t");
  await page.getByRole("link", { name: "The backup set" }).click();
  await expect(page.locator("#restores tbody tr").first()).toContainText("undone");
});

test("a database is restored under another name, and its dump downloaded", async ({ console, signedIn: page }) => {
  const name = `${DATABASE}_look`;
  await openSet(page, console);
  await page.locator("#history tbody tr").first().getByRole("link", { name: "Restore" }).click();
  const dump = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download the dump" }).click();
  expect((await dump).suggestedFilename()).toMatch(new RegExp(`^${DATABASE}-\\d{8}T\\d{6}Z\\.dump$`));
  await page.getByLabel("Where to").selectOption("beside");
  await page.getByLabel("The new database's name").fill(DATABASE);
  await confirm(page, "Restore");
  await expect(page.getByLabel("The new database's name")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("The new database's name").fill(name);
  await confirm(page, "Restore");
  await expectDone(page);
  await expect(page.getByText(`DROP DATABASE "${name}"`)).toBeVisible();
  expect(inPlatform(`SELECT count(*) FROM pg_database WHERE datname = '${name}'`)).toBe("1");
  inPlatform(`DROP DATABASE "${name}"`);
});

test("a broken file of the platform is restored, and the undo takes that back", async ({ console, signedIn: page }) => {
  await openSet(page, console, CONFIG);
  const folder = sql(console.database, `SELECT path FROM backup_set, unnest(paths) path WHERE name = '${CONFIG}' AND path LIKE '%/nginx'`);
  const file = join(folder, "nginx.conf");
  const whole = readFileSync(file, "utf8");
  await page.getByRole("button", { name: "Back up now" }).click();
  await expectDone(page);
  try {
    writeFileSync(file, `${whole}# broken\n`);
    await openSet(page, console, CONFIG);
    await page.locator("#history tbody tr").first().getByRole("link", { name: "Files" }).click();
    await expect(page.getByRole("heading", { level: 1, name: `Files of ${CONFIG}` })).toBeVisible();
    await page.getByRole("link", { name: `${folder}/`, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name: folder })).toBeVisible();
    await expectFine(page, "the files of a backup");
    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download nginx.conf" }).click();
    expect(readFileSync(await (await download).path(), "utf8")).toBe(whole);

    await page.getByRole("link", { name: "Restore nginx.conf" }).click();
    await expect(page.getByRole("heading", { level: 1, name: `Restore ${CONFIG}` })).toBeVisible();
    await expect(page.getByText("1 changed since")).toBeVisible();
    await expect(page.locator(".diff del")).toHaveText("-# broken");
    // Where the platform was started from another checkout, nginx has another one's file.
    const mounted = docker("inspect", "--format", "{{range .Mounts}}{{.Source}} {{end}}", container("nginx"));
    if (mounted.includes(file)) await expect(page.getByText("nginx sees what is restored after a restart")).toBeVisible();
    await expectFine(page, "the plan of a restore of files");
    await confirm(page, "Restore", CONFIG);
    await expectDone(page);
    expect(readFileSync(file, "utf8")).toBe(whole);

    await page.getByRole("link", { name: "The backup set" }).click();
    await expect(page.locator("#restores tbody tr").first()).toContainText("can be undone");
    await page.locator("#restores").getByRole("link", { name: "Undo" }).click();
    await confirm(page, "Undo", CONFIG);
    await expectDone(page);
    expect(readFileSync(file, "utf8")).toContain("# broken");
  } finally {
    writeFileSync(file, whole);
    for (const name of readdirSync(dirname(file))) {
      if (name.startsWith(".ytops-restore-")) rmSync(join(dirname(file), name), { recursive: true });
    }
  }
});

test("a set of folders is made, and a schedule is told while it is typed", async ({ console, signedIn: page }) => {
  await expect.poll(() => sql(console.database, "SELECT count(*) FROM backup_target")).not.toBe("0");
  await open(page, "/backups/new");
  await page.getByLabel("Name", { exact: true }).fill("etc");
  await page.getByLabel("Folders and files of this machine").fill("/etc/apt");
  await page.getByLabel("Schedule", { exact: true }).fill("0 3 * *");
  await expect(page.getByText("It has 4 of five fields.")).toBeVisible();
  await page.getByLabel("Schedule", { exact: true }).fill("0 3 * * *");
  await expect(page.getByText(/^Next: .* 03:00, then/)).toBeVisible();
  await page.getByRole("button", { name: "Make the set" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "etc" })).toBeVisible();
  await page.getByRole("button", { name: "Back up now" }).click();
  await expectDone(page);
});

test("who may not, is told why", async ({ browser, console }) => {
  const viewer: Person = { email: "bea@example.com", name: "Bea Viewer", password: "six slow swans land" };
  addUser(console, viewer, "viewer");
  const page = await (await browser.newContext()).newPage();
  await signIn(page, console, viewer);
  await open(page, `${console.url}/backups/${setId(console)}`);
  await expect(page.getByRole("button", { name: "Back up now" })).toHaveAttribute("aria-disabled", "true");
  const answer = await page.goto(`${console.url}/backups/${setId(console)}/edit`);
  expect(answer?.status()).toBe(403);
  await page.context().close();
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a backup is asked for and its operation is shown", async ({ console, signedIn: page }) => {
    await page.goto(`/backups/${setId(console)}`);
    await page.getByRole("button", { name: "Back up now" }).click();
    await expect(page).toHaveURL(/\/backups\/operations\/\d+$/);
    await expect(page.getByRole("heading", { level: 1, name: `Backup: ${SET}` })).toBeVisible();
    await expect(async () => {
      await page.reload();
      await expect(page.getByRole("main").locator(".st").first()).toHaveText("done");
    }).toPass({ timeout: 120_000 });
    await page.goto(`/backups/${setId(console)}`);
    await page.locator("#history tbody tr").first().getByRole("link", { name: "Restore" }).click();
    await expect(page.getByRole("heading", { level: 1, name: `Restore ${SET}` })).toBeVisible();
    await page.getByLabel("Type the set's name to confirm").fill("something else");
    await page.getByLabel("Where to").selectOption("beside");
    await page.getByLabel("The new database's name").fill("look");
    await page.getByRole("button", { name: "Restore", exact: true }).click();
    await expect(page.getByLabel("Type the set's name to confirm")).toHaveValue("something else");
    await expect(page.getByLabel("Where to")).toHaveValue("beside");
    await expect(page.getByLabel("The new database's name")).toHaveValue("look");
    await expect(page.getByRole("main")).toContainText(`Type ${SET} to confirm`);
    await page.goto(`/backups/${setId(console, CONFIG)}`);
    await page.locator("#history tbody tr").first().getByRole("link", { name: "Files" }).click();
    await expect(page.getByRole("link", { name: /^Restore .*\.env$/ })).toBeVisible();
  });
});
