import type { Page } from "@playwright/test";

import { CTO, expect, open, test, userId } from "../support/test";

/** Sends a form as a browser without scripts does; gives the address that it is led to. */
async function sendPlainly(page: Page, form: string, name: string, fields: Record<string, string>): Promise<string> {
  const origin = new URL(page.url()).origin;
  const answer = await page.request.post(`${origin}/fn/${name}`, {
    form: fields,
    headers: { accept: "text/html", origin, referer: `${origin}${form}` },
    maxRedirects: 0,
  });
  expect(answer.status()).toBe(302);
  return answer.headers().location;
}

test("a refusal in the address is shown by a page with scripts, once", async ({ signedIn: page, console }) => {
  const id = String(userId(console, CTO));
  const refused = [
    { form: "/account", name: "change_password", fields: { current: "not the password", new: "seven tall herons wade" }, field: "Current password" },
    { form: "/settings/thresholds", name: "set_thresholds", fields: { min_cores: "many", min_memory_gib: "1", min_storage_tb: "1", max_response_ms: "1", max_error_rate: "1", max_cpu_usage: "1", max_disk_usage: "1", max_memory_usage: "1" }, field: "Cores" },
    { form: `/settings/users/${id}`, name: "update_user", fields: { id, name: "", email: CTO.email, role: "cto" }, field: "Name" },
  ];
  for (const { form, name, fields, field } of refused) {
    const led = await sendPlainly(page, form, name, fields);
    expect(led).toContain("__err=");
    await open(page, led);
    await expect(page.getByLabel(field, { exact: true })).toHaveAttribute("aria-invalid", "true");
    await expect(page).toHaveURL(new RegExp(`${form}$`));
    // The page is at work: its menu opens and closes by script.
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("dialog", { name: "Go to" })).toBeVisible();
    await page.keyboard.press("Escape");

    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Overview" }).first().click();
    await expect(page.getByRole("heading", { level: 1 })).not.toHaveText(/Account|Thresholds/);
    await page.goBack();
    await expect(page.getByLabel(field, { exact: true })).toBeVisible();
    await expect(page.getByLabel(field, { exact: true })).not.toHaveAttribute("aria-invalid", "true");
  }
});

test("a check's address that is refused is marked, in its own form alone", async ({ signedIn: page }) => {
  const field = (name: string) => page.getByLabel(name, { exact: true });
  await open(page, "/settings/thresholds");
  await field("Database").fill("not a url");
  await field("Database").press("Enter");
  await expect(field("Database")).toHaveAttribute("aria-invalid", "true");
  await expect(field("Database")).toHaveAccessibleDescription(/Begin with postgres:\/\//);
  await expect(page.locator("#targets [aria-invalid=true]")).toHaveCount(1);
  // The same from a page whose scripts are off.
  const led = await sendPlainly(page, "/settings/thresholds", "set_target", { name: "redis", url: "here" });
  await open(page, led);
  await expect(field("Redis")).toHaveAttribute("aria-invalid", "true");
  await expect(field("Redis")).toHaveAccessibleDescription(/Begin with redis:\/\//);
  await expect(page.locator("#targets [aria-invalid=true]")).toHaveCount(1);
});

test("a page hydrates although a password manager put its own elements beside the fields", async ({ signedIn: page }) => {
  await page.addInitScript(() => {
    document.addEventListener("DOMContentLoaded", () => {
      for (const input of document.querySelectorAll(".field input")) {
        const button = document.createElement("div");
        button.className = "password-manager";
        input.after(button);
      }
    });
  });
  await open(page, "/account");
  // They would stand where the script expects nothing; whoever put them there puts them back.
  await expect(page.locator(".password-manager")).toHaveCount(0);
  await page.getByLabel("Current password").fill("not the password");
  await page.getByLabel("New password").fill("seven tall herons wade");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByLabel("Current password")).toHaveAttribute("aria-invalid", "true");
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("what was done is said once", async ({ console, signedIn: page }) => {
    const said = page.getByRole("main").getByText("The account was changed.");
    await page.goto(`/settings/users/${userId(console, CTO)}`);
    await page.getByLabel("Name", { exact: true }).fill("Casey O. Otto");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(said).toBeVisible();
    await page.reload();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Casey O. Otto");
    await expect(said).toHaveCount(0);
    // Times without a script are those of nowhere in particular, and say so.
    await page.goto("/deployment");
    await expect(page.locator(".events .day").first()).toContainText("UTC");
  });
});
