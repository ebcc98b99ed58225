import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";

import { Console, sql, ytops } from "./console";

/** Someone with an account. */
export type Person = { email: string; name: string; password: string };

/** The account that every test may sign in with. */
export const CTO: Person = { email: "cto@example.com", name: "Casey Otto", password: "correct horse battery" };

/** Makes an account from the command line. */
export function addUser(on: Console, person: Person, role: string): void {
  ytops(on, ["user", "add", "--email", person.email, "--name", person.name, "--role", role, "--password-stdin"], person.password);
}

/** The id of a person's account. */
export function userId(on: Console, person: Person): number {
  return Number(sql(on.database, `SELECT id FROM users WHERE email = '${person.email}'`));
}

type Options = { database?: string; env?: NodeJS.ProcessEnv };
type PerTest = {
  /** Signed in as the CTO, on the worker's console. */
  signedIn: Page;
  /** Starts a console for this test alone. */
  start: (options?: Options) => Promise<Console>;
  /** What must never be: uncaught errors, whatever the browser refused to run, an answer of 500. */
  complaints: string[];
};
type PerWorker = { console: Console };

export const test = base.extend<PerTest, PerWorker>({
  // A console for the whole worker, with the CTO's account.
  console: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const running = await Console.start();
      addUser(running, CTO, "cto");
      await use(running);
      await running.remove();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ console }, use) => use(console.url),
  signedIn: async ({ page, console }, use) => {
    await signIn(page, console, CTO);
    await use(page);
  },
  // eslint-disable-next-line no-empty-pattern
  start: async ({}, use) => {
    const started: Console[] = [];
    await use(async (options) => {
      const running = await Console.start(options);
      started.push(running);
      return running;
    });
    for (const running of started.reverse()) await running.remove();
  },
  complaints: [
    async ({ context }, use) => {
      const complaints: string[] = [];
      context.on("weberror", (error) => complaints.push(`uncaught: ${error.error().message}`));
      context.on("console", (message) => {
        // A request that was refused, or a server that is gone, is what some tests are about.
        const isNetwork = /^Failed to load resource|net::ERR_/.test(message.text());
        if (message.type() === "error" && !isNetwork) complaints.push(message.text());
      });
      context.on("response", (response) => {
        if (response.status() === 500) complaints.push(`500: ${response.request().method()} ${response.url()}`);
      });
      await use(complaints);
      expect(complaints, "uncaught errors, refused scripts, answers of 500").toEqual([]);
    },
    { auto: true },
  ],
});

/** Opens a page of the frame and waits until facts move by themselves: from then on its scripts are at work. */
export async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expectLive(page);
}

/** Waits until the event stream is open. */
export async function expectLive(page: Page): Promise<void> {
  await expect(page.getByRole("status", { name: "Connection" })).toHaveText("Live");
}

/** Fills the sign-in form in and sends it. */
export async function trySignIn(page: Page, on: Console, person: Person): Promise<void> {
  await page.goto(`${on.url}/sign-in`);
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Signs in by the form. */
export async function signIn(page: Page, on: Console, person: Person): Promise<void> {
  await trySignIn(page, on, person);
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** Waits for the corner where results are said to say `text`. */
export async function expectToast(page: Page, text: string | RegExp): Promise<void> {
  await expect(page.locator(".toast").filter({ hasText: text })).toBeVisible();
}

/** Fails where axe finds something on the page as it stands. */
export async function expectNoAxeFindings(page: Page, where = page.url()): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.html}`).join(" | ")}`);
  expect.soft(found, where).toEqual([]);
}

export { expect };
