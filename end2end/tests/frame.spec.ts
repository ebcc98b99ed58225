import { PROJECT } from "../support/stack";
import { addUser, CTO, expect, expectLive, open, signIn, test, type Person } from "../support/test";

test("from a page that is not there one gets on, signed in as one is", async ({ signedIn: page }) => {
  const overview = page.getByRole("link", { name: "Go to the overview" });
  await open(page, "/settings/nothing");
  const pages = page.getByRole("navigation", { name: "Pages" }).first();
  await expect(pages.getByRole("link")).toContainText(["Overview", "Deployment", "Resources", "Audit", "Settings"]);
  await pages.getByRole("link", { name: "Audit" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Audit log" })).toBeVisible();
  await page.goto("/settings/nothing");
  await overview.click();
  await expectLive(page);
  await expect(page).toHaveURL(/^http:\/\/[^/]+\/$/);

  // Even where the browser moves on without asking the server for the page.
  await page.goto("/settings/nothing");
  await overview.evaluate((link) => link.removeAttribute("rel"));
  await overview.click();
  await expectLive(page);
  await expect(page).toHaveURL(/^http:\/\/[^/]+\/$/);
});

test("who is not signed in is told no more than that a page is not there", async ({ page }) => {
  const answer = await page.goto("/nothing");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1, name: "There is no such page" })).toBeVisible();
  await expect(page.getByRole("navigation")).toHaveCount(0);
});

test("an account that is not there is a page with a heading", async ({ signedIn: page }) => {
  const answer = await page.goto("/settings/users/999999");
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1, name: "User" })).toBeVisible();
  await expect(page).toHaveTitle("User · ytops");
  await expect(page.getByRole("alert").filter({ hasText: "There is no such user" })).toBeVisible();
});

test("from one service to another by the palette, nothing of the first stays", async ({ signedIn: page }) => {
  const main = page.getByRole("main");
  await open(page, `/deployment/${PROJECT}/backend`);
  await page.locator(".log .line").first().waitFor();
  await page.evaluate(() => document.querySelector(".log")?.setAttribute("data-of", "backend"));
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Page or service" }).fill("redis");
  await expect(page.getByRole("option", { name: /redis/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "redis" })).toBeVisible();

  await expect(main.getByText("ytops-sample/redis", { exact: false }).first()).toBeVisible();
  await expect(main.getByText("ytops-sample/backend", { exact: false })).toHaveCount(0);
  await expect(page.locator("[data-of=backend]")).toHaveCount(0);
  const owner = page.locator("section").filter({ has: page.getByRole("heading", { name: "Owner team" }) });
  await expect(owner.locator("input[name=service]")).toHaveValue("redis");
  await page.getByRole("link", { name: "Stop", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Stop redis?" });
  await expect(dialog.getByText("redis", { exact: true })).toBeVisible();
  await expect(dialog.locator("input[name=service]")).toHaveValue("redis");
  await dialog.getByRole("link", { name: "Cancel" }).click();

  // One that is not there does not stand above the facts of one that is.
  await main.getByRole("link", { name: "Deployment" }).evaluate((link, href) => link.setAttribute("href", href), `/deployment/${PROJECT}/nothing`);
  await main.getByRole("link", { name: "Deployment" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "There is no such service" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Usage now" })).toHaveCount(0);
});

test("a service that is not there is not asked for again and again", async ({ signedIn: page }) => {
  await page.goto(`/deployment/${PROJECT}/nothing`);
  await expectLive(page);
  await expect(page.getByRole("alert").filter({ hasText: "There is no such service" })).toBeVisible();
  let asked = 0;
  page.on("request", (request) => {
    if (/\/fn\/(service|charts)\b/.test(request.url())) asked += 1;
  });
  // What others use is told every few seconds; the browser learns with the first that nothing is there.
  await page.evaluate(
    () =>
      new Promise<void>((done) => {
        const stream = new EventSource("/stream?topics=usage");
        let left = 5;
        stream.onmessage = () => {
          left -= 1;
          if (left > 0) return;
          stream.close();
          done();
        };
      }),
  );
  expect(asked).toBeLessThanOrEqual(2);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test("the bar leads everywhere one may go", async ({ browser, console, signedIn: page }) => {
    const places = page.getByRole("navigation", { name: "Pages" }).getByRole("link");
    await open(page, "/");
    await expect(places).toContainText(["Overview", "Deployment", "Resources", "Backups", "Settings"]);
    for (const place of await places.all()) {
      const box = await place.boundingBox();
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
    }
    await places.filter({ hasText: "Backups" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Backups" })).toBeVisible();

    const viewer: Person = { email: "val@example.com", name: "Val Viewer", password: "six slow swans land" };
    addUser(console, viewer, "viewer");
    const theirs = await (await browser.newContext({ viewport: { width: 360, height: 740 } })).newPage();
    await signIn(theirs, console, viewer);
    await open(theirs, `${console.url}/`);
    await expect(theirs.getByRole("navigation", { name: "Pages" }).getByRole("link")).toHaveText([/Overview/, /Deployment/, /Resources/, /Backups/, /Settings/]);
    await theirs.context().close();
  });

  test("services come before the tiles of checks, and a service's log, events and charts are a touch away", async ({ signedIn: page }) => {
    const top = async (selector: string) => (await page.locator(selector).first().boundingBox())?.y ?? NaN;
    await open(page, "/deployment");
    await expect(page.locator("section[aria-labelledby^=project-]").first()).toBeVisible();
    await expect(page.locator(".checks")).toBeVisible();
    expect(await top("section[aria-labelledby^=project-]")).toBeLessThan(await top(".checks"));
    await expect(page.locator("#events")).toBeVisible();
    expect(await top(".checks")).toBeLessThan(await top("#events"));

    await open(page, `/deployment/${PROJECT}/redis`);
    const jumps = page.getByRole("navigation", { name: "On this page" });
    for (const [name, part] of [["Log", "#log-title"], ["Events", "#events"], ["Charts", "#usage"]] as const) {
      await jumps.getByRole("link", { name, exact: true }).click();
      await expect(page.locator(part)).toBeInViewport();
      await page.evaluate(() => scrollTo(0, 0));
    }
  });

  test("it can be put on the home screen", async ({ page, request }) => {
    await page.goto("/sign-in");
    const icon = await page.locator("link[rel=apple-touch-icon]").getAttribute("href");
    expect((await request.get(icon ?? "")).headers()["content-type"]).toBe("image/png");
    await expect(page.locator("meta[name=theme-color]")).toHaveCount(2);
  });
});
