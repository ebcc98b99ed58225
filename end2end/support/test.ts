import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

import { Console, ytops } from "./console";

/** The account that every test may sign in with. */
export const CTO = { email: "cto@example.com", name: "Casey Otto", password: "correct horse battery" };

type Signed = { console: Console };

/** A console for the whole worker, with the CTO's account made from the command line. */
export const test = base.extend<{ signedIn: Page }, Signed>({
  console: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const running = await Console.start();
      ytops(running, ["user", "add", "--email", CTO.email, "--name", CTO.name, "--role", "cto", "--password-stdin"], CTO.password);
      await use(running);
      await running.remove();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ console }, use) => use(console.url),
  signedIn: async ({ page }, use) => {
    await signIn(page, CTO.email, CTO.password);
    await use(page);
  },
});

/** Signs in by the form. */
export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** Fails where axe finds something on the page as it stands. */
export async function expectNoAxeFindings(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
}

export { expect };
