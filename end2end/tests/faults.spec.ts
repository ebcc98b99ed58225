import type { Locator, Page } from "@playwright/test";

import { databaseUrl, sql, ytops, type Console } from "../support/console";
import { Gate } from "../support/gate";
import { container, docker, PROJECT } from "../support/stack";
import { addUser, CTO, expect, expectLive, open, signIn, test } from "../support/test";

test.describe.configure({ timeout: 120_000 });

/** Facts of the stack that don't move by themselves, as the API of a console tells them. */
async function facts(of: Console, token: string): Promise<unknown> {
  const answer = await fetch(`${of.url}/api/v1/stack`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  const { projects } = (await answer.json()) as { projects: { name: string; services: Record<string, unknown>[] }[] };
  return projects.map(({ name, services }) => ({
    name,
    services: services.map(({ name, state, health, image, restarts, started_at }) => ({ name, state, health, image, restarts, started_at })),
  }));
}

test("two consoles on one database tell the same, and an event is stored once", async ({ browser, console: one, start }) => {
  const two = await start({ database: one.database });
  const token = ytops(one, ["token", "add", "--name", "facts", "--role", "viewer", "--days", "1"]).trim();
  const context = await browser.newContext();
  const pages = [];
  for (const console of [one, two]) {
    const page = await context.newPage();
    // Both are 127.0.0.1, so a session opened at one counts at the other as well.
    if (pages.length === 0) await signIn(page, console, CTO);
    await open(page, `${console.url}/deployment`);
    pages.push(page);
  }
  const rows = pages.map((page) => page.getByRole("row").filter({ has: page.getByRole("link", { name: "redis", exact: true }) }));
  for (const row of rows) await expect(row).toContainText("healthy", { timeout: 60_000 });

  const began = docker("inspect", "-f", "{{.State.StartedAt}}", container("redis"));
  const since = Date.now() / 1000 - 1;
  docker("stop", "-t", "5", container("redis"));
  for (const row of rows) await expect(row).toContainText("exited");
  docker("start", container("redis"));
  for (const row of rows) await expect(row).toContainText("healthy", { timeout: 60_000 });
  expect(docker("inspect", "-f", "{{.State.StartedAt}}", container("redis"))).not.toBe(began);

  const id = docker("inspect", "-f", "{{.Id}}", container("redis"));
  const told = docker("events", "--since", String(since), "--until", String(Date.now() / 1000), "--filter", `container=${id}`, "--format", "{{.TimeNano}} {{.Action}}")
    .split("\n")
    .filter((line) => /^\d+ (start|stop|die|kill)$/.test(line))
    .sort();
  expect(told.length).toBeGreaterThanOrEqual(3);
  const stored = () =>
    sql(one.database, `SELECT time_nano || ' ' || action FROM engine_event WHERE container_id = '${id}' AND at > to_timestamp(${since}) AND action IN ('start', 'stop', 'die', 'kill')`)
      .split("\n")
      .sort();
  await expect.poll(stored).toEqual(told);
  await expect.poll(async () => JSON.stringify(await facts(two, token))).toBe(JSON.stringify(await facts(one, token)));
  await context.close();
});

test("when the console that reads the engine dies, another goes on", async ({ page, start }) => {
  const reads = (console: Console) => console.output.join("").includes("This console reads the Docker Engine.");
  const leader = await start();
  await expect.poll(() => reads(leader), { timeout: 30_000 }).toBe(true);
  const other = await start({ database: leader.database });
  addUser(leader, CTO, "cto");
  await signIn(page, other, CTO);
  await open(page, `${other.url}/deployment`);
  const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: "redis", exact: true }) });
  await expect(row).toContainText("healthy", { timeout: 60_000 });
  expect(reads(other)).toBe(false);

  await leader.down("SIGKILL");
  try {
    docker("stop", "-t", "5", container("redis"));
    await expect(row).toContainText("exited", { timeout: 30_000 });
    expect(reads(other)).toBe(true);
  } finally {
    docker("start", container("redis"));
  }
  await expect(row).toContainText("healthy", { timeout: 60_000 });
});

/** A console whose Postgres lies behind a gate, its Deployment page open with `row`, that of nginx, healthy. */
async function behindGate(
  page: Page,
  start: (options: { database: string; env: NodeJS.ProcessEnv }) => Promise<Console>,
  run: (gate: Gate, console: Console, row: Locator) => Promise<void>,
): Promise<void> {
  const folder = new URL(databaseUrl("x")).searchParams.get("host");
  if (!folder) throw new Error("DATABASE_URL names no socket's folder");
  const gate = new Gate(`${folder}/.s.PGSQL.5432`);
  await gate.start();
  const database = `e2e_gate_${process.pid}`;
  sql("postgres", `CREATE DATABASE ${database}`);
  try {
    const console = await start({ database, env: { DATABASE_URL: `postgres://ytops@127.0.0.1:${gate.port}/${database}?sslmode=disable` } });
    addUser(console, CTO, "cto");
    await signIn(page, console, CTO);
    await open(page, `${console.url}/deployment`);
    const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: "nginx", exact: true }) });
    await expect(row).toContainText("healthy", { timeout: 60_000 });
    await run(gate, console, row);
    await console.remove();
  } finally {
    gate.reopen();
    await gate.stop();
    sql("postgres", `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  }
}

test("a Postgres that falls silent with its connections standing is noticed, and got over", async ({ page, start, complaints }) => {
  await behindGate(page, start, async (gate, console, row) => {
    gate.hold();
    await expect(page.getByRole("main").getByText(/database does not answer/i).first()).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText("The Docker Engine does not answer")).toHaveCount(0);
    await expect(page.getByRole("status", { name: "Overall status" })).toHaveText("unknown");
    gate.reopen();
    await expect(row).toContainText("healthy", { timeout: 60_000 });
    await expectLive(page);
    expect(complaints).toEqual([]);
  });
});

test("without its Postgres a console says so, and catches up by itself", async ({ page, start, complaints }) => {
  await behindGate(page, start, async (gate, console, row) => {
    expect((await fetch(`${console.url}/readyz`)).status).toBe(200);

    gate.shut();
    // The page that stands open says so, above what was true when it last knew.
    await expect(page.getByRole("main").getByRole("alert").filter({ hasText: /database does not answer/i }).first()).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole("status", { name: "Overall status" })).toHaveText("unknown");
    expect((await fetch(`${console.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${console.url}/healthz`)).status).toBe(200);
    // A new page says what is wrong, and is no blank.
    const other = await page.context().newPage();
    const answer = await other.goto(`${console.url}/audit`);
    expect(answer?.status()).toBe(503);
    await expect(other.getByText(/database does not answer/i).first()).toBeVisible();
    await other.close();

    try {
      docker("stop", "-t", "5", container("nginx"));
      gate.reopen();
      await expect(row).toContainText("exited", { timeout: 60_000 });
    } finally {
      docker("start", container("nginx"));
    }
    await expect(row).toContainText("healthy", { timeout: 60_000 });
    await expectLive(page);
    expect((await fetch(`${console.url}/readyz`)).status).toBe(200);
    expect(complaints).toEqual([]);
  });
});

test("a connection that dies without a word is noticed, and a page out of sight claims nothing", async ({ page, start }) => {
  const console = await start();
  addUser(console, CTO, "cto");
  const gate = new Gate(Number(new URL(console.url).port));
  await gate.start();
  const url = `http://127.0.0.1:${gate.port}`;
  const connection = page.getByRole("status", { name: "Connection" });
  const show = (isHidden: boolean) =>
    page.evaluate((isHidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
      document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    }, isHidden);
  try {
    await page.clock.install();
    await signIn(page, { url } as Console, CTO);
    await open(page, `${url}/deployment`);
    // A stream on which nothing happens says so.
    const ping = page.evaluate(
      () => new Promise((resolve) => new EventSource("/stream?topics=settings").addEventListener("ping", resolve, { once: true })),
    );
    await ping;

    await show(true);
    await expect(connection).not.toHaveText("Live");
    await show(false);
    await expectLive(page);

    gate.hold();
    await page.clock.fastForward("00:45");
    await expect(connection).toHaveText("Connection lost");
    gate.reopen();
    await page.clock.fastForward("00:45");
    await expectLive(page);

    // A first connection that hangs is noticed as well.
    await page.route("**/stream?*", () => {});
    await page.reload();
    await expect(connection).toHaveText("Connecting…");
    await page.clock.fastForward("00:45");
    await expect(connection).toHaveText("Connection lost");
  } finally {
    await gate.stop();
  }
});

test("a console that is gone shows in the page, which catches up when it is back", async ({ page, start }) => {
  const console = await start();
  addUser(console, CTO, "cto");
  await signIn(page, console, CTO);
  await open(page, `${console.url}/deployment/${PROJECT}/nginx`);
  const seconds = await console.down();
  expect(seconds).toBeLessThan(10);
  await expect(page.getByRole("status", { name: "Connection" })).toContainText("Connection lost");
  await console.up();
  await expectLive(page);
});
