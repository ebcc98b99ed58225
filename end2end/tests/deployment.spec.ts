import type { Locator, Page } from "@playwright/test";

import { sql } from "../support/console";
import { Gate } from "../support/gate";
import { container, docker, engine, hostile, PROJECT, SERVICES, stack } from "../support/stack";
import { addUser, CTO, expect, expectLive, expectToast, open, signIn, test } from "../support/test";

// The first test that asks may find the console's first reading of the engine still under way.
test.describe.configure({ timeout: 120_000 });

const service = (name: string) => `/deployment/${PROJECT}/${name}`;
const project = (page: Page): Locator => page.getByRole("region", { name: PROJECT, exact: true });
const row = (page: Page, name: string): Locator =>
  project(page).getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });
const state = (page: Page): Locator => page.getByRole("status", { name: "State" });

/** Marks the document, to know it again. */
const mark = (page: Page) => page.evaluate(() => void document.documentElement.setAttribute("data-same", ""));
const isSameDocument = (page: Page) => page.evaluate(() => document.documentElement.hasAttribute("data-same"));

async function expectHealthy(page: Page, names = SERVICES): Promise<void> {
  for (const name of names) await expect(row(page, name)).toContainText("healthy", { timeout: 60_000 });
}

test("every service is listed with its state, image and team", async ({ signedIn: page }) => {
  await open(page, "/deployment");
  await expectHealthy(page);
  await expect(row(page, "postgres")).toContainText("data");
  await expect(row(page, "backend")).toContainText("ytops-sample/backend:r1");
  // CPU and memory against their limits.
  await expect(row(page, "redis")).toContainText("/ 128 MiB", { timeout: 30_000 });

  await row(page, "backend").getByRole("link", { name: "backend", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "backend" })).toBeVisible();
  await expect(state(page)).toHaveText("healthy");
  await expect(page.getByText("127.0.0.1:18000 to 8000/tcp")).toBeVisible();
  // Names of the environment's variables, never a value.
  const secret = docker("inspect", "-f", "{{range .Config.Env}}{{println .}}{{end}}", container("backend"))
    .split("\n")
    .find((line) => line.startsWith("JWT_SECRET="))
    ?.slice("JWT_SECRET=".length);
  expect(secret).toBeTruthy();
  await expect(page.getByText("JWT_SECRET")).toBeVisible();
  expect(await page.content()).not.toContain(secret);
});

/** When the row of a service first says `text`, in milliseconds since 1970, as the page itself sees it. */
function firstSays(page: Page, name: string, text: string): Promise<number> {
  const says = page.waitForFunction(
    ([name, text]) => {
      const rows = [...document.querySelectorAll("table.services tbody tr")];
      const row = rows.find((row) => row.querySelector("a")?.textContent === name);
      return row?.textContent?.includes(text) ? Date.now() : 0;
    },
    [name, text],
    { polling: "raf" },
  );
  return says.then((handle) => handle.jsonValue());
}

test("a container stopped by hand shows within two seconds, without a reload", async ({ signedIn: page }, testInfo) => {
  await open(page, "/deployment");
  await expectHealthy(page, ["nginx"]);
  await mark(page);
  try {
    const shown = firstSays(page, "nginx", "exited");
    // By then the page looks: what follows holds up this program, not the browser.
    await page.evaluate(() => document.title);
    docker("stop", "-t", "5", container("nginx"));
    const ended = Date.parse(docker("inspect", "-f", "{{.State.FinishedAt}}", container("nginx")));
    const took = (await shown) - ended;
    await testInfo.attach("milliseconds from the container's end to the page", { body: String(took) });
    expect(took).toBeLessThan(2_000);
    await expect(page.getByRole("region", { name: "Events" }).getByRole("listitem").filter({ has: page.getByRole("link") }).first()).toContainText("nginx");
  } finally {
    docker("start", container("nginx"));
  }
  await expectHealthy(page, ["nginx"]);
  expect(await isSameDocument(page)).toBe(true);
});

test("one that is killed for memory says so, on every page", async ({ signedIn: page }) => {
  await open(page, "/deployment");
  await expectHealthy(page, ["backend"]);
  try {
    stack("fail", "leak", "--stay-down");
    await expect(row(page, "backend")).toContainText("out of memory", { timeout: 60_000 });
    await page.goto(service("backend"));
    await expect(state(page)).toHaveText("out of memory");
    await expect(page.getByText("killed by the kernel: out of memory")).toBeVisible();
    await expect(page.getByText("exit code 137", { exact: false }).first()).toBeVisible();
    await page.goto("/");
    const verdict = page.getByRole("region", { name: "Verdict" });
    await expect(verdict.getByRole("link", { name: /backend/ }).first()).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Something needs you");
  } finally {
    stack("fail", "reset");
  }
  await open(page, "/deployment");
  await expectHealthy(page, ["backend"]);
});

test("stopping by button wants the name and, when the last proof is old, the password; it is audited", async ({ console, signedIn: page }) => {
  await open(page, service("n8n"));
  await expect(state(page)).toHaveText("healthy");
  sql(console.database, "UPDATE session SET proved_at = proved_at - interval '10 minutes'");
  await open(page, service("n8n"));

  await page.getByRole("link", { name: "Stop", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Stop n8n?" });
  const press = () => dialog.getByRole("button", { name: "Stop", exact: true }).click();
  const name = dialog.getByLabel("Type the service's name to confirm");
  const password = dialog.getByLabel("Your password");
  try {
    await name.fill("redis");
    await password.fill(CTO.password);
    await press();
    await expect(name).toHaveAttribute("aria-invalid", "true");
    await expect(name).toHaveValue("redis");

    await name.fill("n8n");
    await password.fill("not the password");
    await press();
    await expect(password).toHaveAttribute("aria-invalid", "true");
    await expect(name).not.toHaveAttribute("aria-invalid", "true");
    expect(docker("inspect", "-f", "{{.State.Running}}", container("n8n"))).toBe("true");

    // What was refused here is not said of another act, and nothing typed waits in a closed dialog.
    await dialog.getByRole("link", { name: "Cancel" }).click();
    await expect(dialog).toBeHidden();
    await page.getByRole("link", { name: "Restart", exact: true }).click();
    const other = page.getByRole("dialog", { name: "Restart n8n?" });
    await expect(other).toBeVisible();
    await expect(other.getByRole("alert")).toBeEmpty();
    await other.getByRole("link", { name: "Cancel" }).click();
    await page.getByRole("link", { name: "Stop", exact: true }).click();
    await expect(dialog).toBeVisible();
    await expect(dialog.getByRole("alert")).toBeEmpty();
    await expect(name).toHaveValue("");
    await expect(password).toHaveValue("");

    await name.fill("n8n");
    await password.fill(CTO.password);
    await press();
    await expectToast(page, "n8n was stopped.");
    await expect(dialog).toBeHidden();
    await expect(state(page)).toHaveText(/exited|out of memory/);
    expect(docker("inspect", "-f", "{{.State.Running}}", container("n8n"))).toBe("false");

    await page.getByRole("link", { name: "Start", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Start", exact: true }).click();
    await expectToast(page, "n8n was started.");
    await expect(state(page)).toHaveText("healthy", { timeout: 60_000 });
  } finally {
    docker("start", container("n8n"));
  }

  await open(page, `/audit?target=${PROJECT}/n8n`);
  const entries = page.getByRole("table").getByRole("row");
  await expect(entries.filter({ hasText: "service.stop" }).filter({ hasText: "success" }).first()).toContainText(CTO.email);
  await expect(entries.filter({ hasText: "service.start" }).first()).toContainText(CTO.email);
});

test("restarting by button starts it anew", async ({ signedIn: page }) => {
  await open(page, service("redis"));
  const before = docker("inspect", "-f", "{{.State.StartedAt}}", container("redis"));
  // Facts that are read again are held up: nothing is said before the page shows it.
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/fn/service", async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole("link", { name: "Restart", exact: true }).click();
  const answered = page.waitForResponse("**/fn/operate");
  await page.getByRole("dialog").getByRole("button", { name: "Restart", exact: true }).click();
  expect((await answered).status()).toBe(200);
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByText("Restarting…")).toBeVisible();
  await expect(page.locator(".toast")).toHaveCount(0);
  release();
  await expectToast(page, "redis was restarted.");
  await expect(page.getByText("Restarting…")).toHaveCount(0);
  expect(docker("inspect", "-f", "{{.State.StartedAt}}", container("redis"))).not.toBe(before);
  await expect(state(page)).toHaveText("healthy", { timeout: 60_000 });
});

test("without scripts a service's log has no controls, and says why", async ({ browser, signedIn: page, console }) => {
  await open(page, service("nginx"));
  await expect(page.getByLabel("Search the log")).toBeVisible();
  const context = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const plain = await context.newPage();
  await plain.goto(console.url + service("nginx"));
  await expect(plain.getByRole("link", { name: "Its last 200 lines as JSON" })).toBeVisible();
  await expect(plain.getByLabel("Search the log")).toBeHidden();
  await expect(plain.getByLabel("Least level")).toBeHidden();
  for (const name of ["Wrap", "Pause"]) await expect(plain.getByRole("button", { name })).toHaveCount(0);
  await context.close();
});

test("the log follows, is searched, filtered by level and paused", async ({ request, signedIn: page }) => {
  const call = (word: string) => request.get(`http://127.0.0.1:18080/${word}`);
  // The container's log outlives a run of the tests.
  const run = Date.now();
  const [first, second] = [`first-${run}`, `second-${run}`];
  await open(page, service("nginx"));
  const lines = page.getByRole("log", { name: "Log lines" });
  await call(first);
  await expect(lines).toContainText(first);

  await page.getByRole("button", { name: "Pause" }).click();
  await call(second);
  await expect(page.getByRole("button", { name: /^Go on \(\d+ new\)$/ })).toBeVisible();
  await expect(lines).not.toContainText(second);
  await page.getByRole("button", { name: /^Go on/ }).click();
  await expect(lines).toContainText(second);

  await page.getByLabel("Search the log").fill(second.toUpperCase());
  await expect(lines.locator("mark").first()).toHaveText(second);
  await expect(lines).not.toContainText(first);

  // It says how far back it searches.
  await expect(page.getByPlaceholder("Search from 1,000 lines back")).toBeVisible();

  await page.getByLabel("Search the log").fill("");
  await page.getByLabel("Least level").selectOption("error");
  await expect(lines).toContainText("No line matches");

  await open(page, service("backend"));
  try {
    stack("fail", "errors");
    for (let call = 0; call < 10; call++) await request.get("http://127.0.0.1:18000/api/videos");
    await page.getByLabel("Least level").selectOption("error");
    const errors = page.locator(".line.error");
    await expect(errors.first()).toBeVisible({ timeout: 30_000 });
    await expect(page.locator(".log .line")).toHaveCount(await errors.count());
  } finally {
    stack("fail", "reset");
  }
});

test("hostile containers can neither script nor break a page", async ({ console, signedIn: page }) => {
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(console.url)) foreign.push(request.url());
  });
  page.on("dialog", (dialog) => {
    foreign.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  hostile("up");
  try {
    await open(page, "/deployment");
    // Of a name only what a name may hold is left.
    for (const name of ["_script_alert_1___script_", "___DROP_TABLE_users__--"]) {
      const listed = page.locator("table.services").getByRole("link", { name, exact: true });
      await expect(listed).toBeVisible({ timeout: 60_000 });
    }
    await expect(page.locator("main img, main svg[onload], main h1[style]")).toHaveCount(0);
    await expectHealthy(page);

    const links = page.locator("main table.services a.font-semibold");
    const pages = await links.evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).getAttribute("href") ?? ""));
    const theirs = [...new Set(pages.filter((href) => !href.startsWith(`/deployment/${PROJECT}/`)))];
    expect(theirs.length).toBeGreaterThan(8);
    for (const href of theirs) {
      const answer = await page.goto(console.url + href);
      expect.soft(answer?.status(), href).toBe(200);
      await expectLive(page);
      await expect(page.getByRole("main").getByRole("heading", { level: 1 })).toBeVisible();
      expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${href} overflows`).toBeLessThanOrEqual(0);
    }

    const log = page.getByRole("log", { name: "Log lines" });
    await open(page, "/deployment/hostile/odd_json");
    await expect(log).toContainText("again");
    await open(page, "/deployment/hostile/long_line");
    await expect(log).toContainText("the line before was long");
    await expect(log).toContainText("(cut)");
    await open(page, "/deployment/hostile/_script_alert_1___script_");
    // What it logs is shown as the text that it is.
    await expect(log).toContainText("<script>alert('log')</script>");
    await expect(log).toContainText("<script>alert('json')</script>");
    expect(await page.locator("main script, main img, main h1[style]").count()).toBe(0);
  } finally {
    hostile("down");
  }
  expect(foreign).toEqual([]);
});

/** A gate before an engine that the scripts did not start, and so can't stop; none before their own. */
async function gateUnlessOwn(): Promise<Gate | undefined> {
  if (engine("status").includes("\nstarted by this script")) return undefined;
  const gate = new Gate((process.env.DOCKER_HOST ?? "").replace(/^unix:\/\//, ""));
  await gate.start();
  return gate;
}

test("with the Docker Engine stopped nothing is green, and it recovers by itself", async ({ page, console, start }) => {
  const gate = await gateUnlessOwn();
  const watched = gate ? await start({ env: { DOCKER_HOST: `tcp://127.0.0.1:${gate.port}` } }) : console;
  if (gate) addUser(watched, CTO, "cto");
  await signIn(page, watched, CTO);
  await open(page, `${watched.url}/deployment`);
  await expectHealthy(page);
  await mark(page);
  if (gate) gate.shut();
  else engine("stop");
  try {
    if (!gate) expect(() => docker("version"), "the engine still answers").toThrow();
    await expect(page.getByText("The Docker Engine does not answer").first()).toBeVisible({ timeout: 30_000 });
    // Above all that follows from it.
    const height = async (of: Locator) => (await of.boundingBox())?.y ?? 0;
    expect(await height(page.locator(".note.crit").first())).toBeLessThan(await height(page.getByRole("region", { name: "Checks" })));
    for (const name of SERVICES) await expect(row(page, name)).toContainText("unknown");
    await expect(project(page).locator(".st.ok")).toHaveCount(0);
    await expect(page.getByRole("status", { name: "Overall status" }).locator(".st.ok")).toHaveCount(0);

    const other = await page.context().newPage();
    await open(other, `${watched.url}/`);
    await expect(other.getByRole("heading", { level: 1 })).not.toHaveText("All is well");
    await expect(other.getByRole("region", { name: "Verdict" })).toContainText("Docker Engine");
    await other.goto(watched.url + service("redis"));
    await expect(state(other)).toHaveText("unknown");
    await other.close();
  } finally {
    if (gate) gate.reopen();
    else engine("start");
  }
  await expectHealthy(page);
  await expect(page.getByText("The Docker Engine does not answer")).toHaveCount(0);
  expect(await isSameDocument(page)).toBe(true);
  await gate?.stop();
});
