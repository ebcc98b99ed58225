import { join } from "node:path";

import { type Page } from "@playwright/test";

import { sql, type Console } from "../support/console";
import { PROJECT } from "../support/stack";
import { CTO, expect, expectLive, expectNoAxeFindings, signIn, test, userId } from "../support/test";

/** A folder for a picture of every page in every size and theme; without it none is taken. */
const PICTURES = process.env.YTOPS_PICTURES;
const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 740 },
];
const THEMES = ["light", "dark"] as const;

test.describe.configure({ timeout: 120_000 });

/** Looks at a page as it stands in both themes and sizes: axe, overflow, a picture. */
async function look(page: Page, name: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      const where = `${name}, ${theme}, ${size.width} wide`;
      await expectNoAxeFindings(page, where);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect.soft(beyond, `${where}: pixels beyond the right edge`).toBeLessThanOrEqual(0);
      if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}-${theme}-${size.width}.png`), fullPage: true });
    }
  }
}

/** All that the browser's console says, requests that failed included. */
function listen(page: Page): string[] {
  const said: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) said.push(message.text());
  });
  return said;
}

/** The backup set of the console's own database, which is found by itself. */
const ownSet = (on: Console): string => sql(on.database, "SELECT id FROM backup_set WHERE kind = 'console'");

test.describe("outside the frame", () => {
  for (const [name, path] of [["sign-in", "/sign-in"], ["setup", `/setup?token=${"0".repeat(43)}`], ["setup-incomplete", "/setup"]]) {
    test(name, async ({ page }) => {
      const said = listen(page);
      await page.goto(path);
      await look(page, name);
      expect(said).toEqual([]);
    });
  }

  test("sign-in refused", async ({ page }) => {
    await page.goto("/sign-in");
    await page.getByLabel("E-mail").fill("nobody@example.com");
    await page.getByLabel("Password").fill("not a password of anyone");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toContainText("do not match");
    await look(page, "sign-in-refused");
  });
});

const PAGES: [name: string, path: string][] = [
  ["overview", "/"],
  ["deployment", "/deployment"],
  ["service", `/deployment/${PROJECT}/backend`],
  ["service-stop", `/deployment/${PROJECT}/backend?confirm=stop`],
  ["service-restart", `/deployment/${PROJECT}/backend?confirm=restart`],
  ["resources", "/resources?range=300s"],
  ["resources-containers", "/resources?view=containers"],
  ["backups", "/backups"],
  ["backups-new", "/backups/new"],
  ["backups-targets", "/backups/targets"],
  ["backups-recovery", "/backups/recovery"],
  ["backups-runbooks", "/backups/runbooks"],
  ["backups-runbook-start", "/backups/runbooks/start/data_loss"],
  ["backups-set", "/backups/SET"],
  ["backups-edit", "/backups/SET/edit"],
  ["backups-undo", "/backups/SET?confirm=undo"],
  ["audit", "/audit"],
  ["audit-refused", "/audit?actor=%ff"],
  ["account", "/account"],
  ["settings", "/settings"],
  ["users", "/settings/users"],
  ["user-new", "/settings/users/new"],
  ["user", "/settings/users/ID"],
  ["teams", "/settings/teams"],
  ["tokens", "/settings/tokens"],
  ["thresholds", "/settings/thresholds"],
  ["samples", "/settings/samples"],
  ["preflight", "/settings/preflight"],
  ["roles", "/settings/roles"],
];

test.describe("in the frame", () => {
  for (const [name, path] of PAGES) {
    test(name, async ({ console, page }) => {
      await signIn(page, console, CTO);
      const said = listen(page);
      if (name.startsWith("backups")) await expect.poll(() => ownSet(console), { timeout: 60_000 }).not.toBe("");
      await page.goto(path.replace("ID", String(userId(console, CTO))).replace("SET", ownSet(console)));
      if (path.includes("?confirm=")) await expect(page.getByRole("dialog")).toBeVisible();
      else await expectLive(page);
      if (name.startsWith("resources")) await expect(page.locator("section.chart svg.plot path.line").first()).toBeAttached({ timeout: 30_000 });
      if (name === "service") await expect(page.locator(".log .line").first()).toBeVisible();
      if (name === "deployment" || name === "overview") await expect(page.getByText("healthy").or(page.getByText(/\d of \d well/)).first()).toBeVisible({ timeout: 60_000 });
      await look(page, name);
      expect(said).toEqual([]);
    });
  }

  test("wall", async ({ signedIn: page }) => {
    const said = listen(page);
    await page.goto("/wall");
    await expect(page.locator("section.chart svg.plot path.line").first()).toBeAttached({ timeout: 30_000 });
    await look(page, "wall");
    expect(said).toEqual([]);
  });

  test("menu and palette", async ({ signedIn: page }) => {
    await page.goto("/settings");
    await expectLive(page);
    await page.locator("details.menu > summary").click();
    await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
    await look(page, "menu");
    await page.keyboard.press("Escape");
    await expect(page.getByRole("button", { name: "Sign out" })).toBeHidden();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Page or service" }).fill("backe");
    await expect(page.getByRole("option", { name: /backend/ })).toBeVisible();
    await look(page, "palette");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/deployment\/ytempire\/backend$/);
  });

  test("a page that is not there", async ({ signedIn: page }) => {
    const answer = await page.goto("/settings/nothing");
    expect(answer?.status()).toBe(404);
    await look(page, "not-found");
  });
});
