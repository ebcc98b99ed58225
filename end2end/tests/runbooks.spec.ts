import type { Page } from "@playwright/test";

import { sql, ytops, type Console } from "../support/console";
import { docker, container, PROJECT } from "../support/stack";
import { expect, expectNoAxeFindings, expectToast, open, test } from "../support/test";

// The plan for a corrupt database, rehearsed on the sample platform to its end, on a phone: nothing of it is changed.
test.describe.configure({ mode: "serial", timeout: 240_000 });
test.use({ viewport: { width: 360, height: 740 }, hasTouch: true });

const SET = `${PROJECT} ${PROJECT}`;

const setId = (on: Console): string => sql(on.database, `SELECT id FROM backup_set WHERE name = '${SET}'`);
const startedAt = (): string => docker("inspect", "-f", "{{.State.StartedAt}}", container("postgres"));

/** The card of the step whose turn it is. */
const now = (page: Page) => page.locator("#now");
const step = (page: Page, title: string) => page.locator("#steps li").filter({ hasText: title });

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
}

test.beforeAll(async ({ console }) => {
  await expect.poll(() => setId(console), { timeout: 60_000 }).not.toBe("");
  ytops(console, ["backup", "run", SET]);
});

test("database corruption is rehearsed to its end with one thumb", async ({ console, signedIn: page }) => {
  const before = startedAt();
  const restores = () => sql(console.database, "SELECT count(*) FROM backup_restore");
  const restoredBefore = restores();
  // A machine without a GPU is well enough for this.
  await open(page, "/settings/thresholds");
  await page.getByLabel("A machine without a working NVIDIA GPU fails its check").uncheck();
  await page.locator("form").filter({ hasText: "Checks warn when" }).getByRole("button", { name: "Save" }).click();
  await expectToast(page, "The thresholds were saved.");

  await open(page, "/backups");
  await page.getByRole("link", { name: "Runbooks" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Runbooks" })).toBeVisible();
  await expect(page.getByRole("heading", { level: 2 })).toHaveText(["Database corruption", "Service failure", "Data loss", "Complete failure"]);
  await expectNoAxeFindings(page, "the plans");
  await expectNoSidewaysScroll(page);
  const plan = page.locator("#database_corruption");
  await plan.getByLabel("For").selectOption({ label: SET });
  await plan.getByRole("button", { name: "Rehearse" }).click();

  await expect(page).toHaveURL(/\/backups\/runbooks\/runs\/\d+$/);
  await expect(page.getByRole("heading", { level: 1, name: `Database corruption: ${SET}` })).toBeVisible();
  await expect(page.getByText("Nothing of the platform is changed")).toBeVisible();
  await expect(page.getByRole("region", { name: "Time against RTO" })).toContainText("0 of 5 steps");
  await expectNoAxeFindings(page, "a run");
  await expectNoSidewaysScroll(page);

  await now(page).getByLabel("Note").fill("orders is gone since the release");
  await now(page).getByRole("button", { name: "Done" }).click();
  await expect(step(page, "1. Say what is wrong")).toContainText("orders is gone since the release");

  await now(page).getByRole("button", { name: "Run the drill" }).click();
  await expect(step(page, `2. Restore ${SET}`).locator(".st")).toHaveText("done", { timeout: 120_000 });
  await expect(step(page, `2. Restore ${SET}`)).toContainText("compared");

  await now(page).getByRole("button", { name: "Done" }).click();
  await now(page).getByRole("button", { name: "Run the checks" }).click();
  await expect(step(page, "4. Verify all integrations").locator(".st")).toHaveText("done", { timeout: 60_000 });

  // Without a reason a step is not left out.
  await now(page).getByText("Skip this step").click();
  await now(page).getByLabel("Why it is skipped").fill(" ");
  await now(page).getByRole("button", { name: "Skip it" }).click();
  await expect(now(page).getByText("Say why.")).toBeVisible();
  await now(page).getByRole("button", { name: "Run the smoke tests" }).click();
  await expect(step(page, "5. Run the smoke tests")).toContainText("through nginx", { timeout: 60_000 });
  await expect(now(page)).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Time against RTO" })).toContainText("5 of 5 steps");
  await expectNoAxeFindings(page, "a run that is over");
  await expectNoSidewaysScroll(page);

  await page.getByRole("link", { name: "Runbooks" }).click();
  await expect(page.locator("#database_corruption")).toContainText(/Last rehearsal.*of 24 min/s);
  expect(startedAt(), "nothing was restarted").toBe(before);
  expect(restores(), "nothing was restored").toBe(restoredBefore);
});

test("a run is begun for the name typed, and given up for a reason", async ({ signedIn: page }) => {
  await open(page, "/backups/runbooks");
  await page.getByRole("link", { name: "Start: Service failure" }).click();
  await page.getByLabel("What is to be recovered").selectOption({ label: `${PROJECT}/frontend` });
  await page.getByLabel("Type its name to confirm").fill("something else");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByLabel("Type its name to confirm")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Type its name to confirm").fill(`${PROJECT}/frontend`);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page).toHaveURL(/\/backups\/runbooks\/runs\/\d+$/);
  await page.getByText("Give this run up").click();
  await page.getByLabel("Why", { exact: true }).fill("only tried");
  await page.getByRole("button", { name: "Give it up" }).click();
  await expect(page.getByRole("region", { name: "Time against RTO" })).toContainText("given up");
  await expect(page.getByRole("region", { name: "Time against RTO" })).toContainText("only tried");
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("a rehearsal is begun and its first step checked off", async ({ signedIn: page }) => {
    await page.goto("/backups/runbooks");
    await page.locator("#service_failure").getByLabel("For").selectOption({ label: `${PROJECT}/frontend` });
    await page.locator("#service_failure").getByRole("button", { name: "Rehearse" }).click();
    await expect(page).toHaveURL(/\/backups\/runbooks\/runs\/\d+$/);
    await now(page).getByLabel("Note").fill("it loops");
    await now(page).getByRole("button", { name: "Done" }).click();
    await expect(step(page, "1. Read its log")).toContainText("it loops");
    await now(page).getByRole("button", { name: "Show what would be done" }).click();
    await expect(async () => {
      await page.reload();
      await expect(step(page, "2. Restart frontend").locator(".st")).toHaveText("done");
    }).toPass({ timeout: 60_000 });
    await expect(step(page, "2. Restart frontend")).toContainText("nothing was done");
  });
});
