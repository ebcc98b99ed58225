import type { Locator, Page } from "@playwright/test";

import { container, docker, PROJECT, stack } from "../support/stack";
import { expect, expectToast, open, test } from "../support/test";

// What fails on request, and what the checks then say. A reading, a round of checks and a restart each take their time.
test.describe.configure({ timeout: 180_000 });

const service = (name: string) => `/deployment/${PROJECT}/${name}`;
const row = (page: Page, name: string): Locator =>
  page
    .getByRole("region", { name: PROJECT, exact: true })
    .getByRole("row")
    .filter({ has: page.getByRole("link", { name, exact: true }) });
const check = (page: Page, name: string): Locator =>
  page.locator("#checks details").filter({ has: page.locator("summary").getByText(name, { exact: true }) });
const verdict = (page: Page, name: string): Locator => check(page, name).locator("summary .st");

async function expectHealthy(page: Page, name: string): Promise<void> {
  await expect(row(page, name)).toContainText("healthy", { timeout: 60_000 });
}

/** Runs every check by the button, and waits for the results. */
async function verify(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Verify now" }).click();
  await expectToast(page, /Verified: \d of 8 checks passed\./);
  await expect(page.getByRole("button", { name: "Verify now" })).toBeEnabled();
}

test("every part is verified by its own protocol, on demand", async ({ signedIn: page }) => {
  await open(page, "/deployment");
  await expectHealthy(page, "n8n");
  await verify(page);
  for (const name of ["Database", "Redis", "Backend", "Frontend", "n8n"]) {
    // A part that failed while the platform came up is a warning for some minutes.
    await expect(verdict(page, name), name).toHaveText(/^(ok|warning)$/, { timeout: 60_000 });
  }
  const database = check(page, "Database");
  await database.locator("summary").click();
  await expect(database).toContainText(/PostgreSQL 15/);
  await expect(database).toContainText(/connections\s*\d+ of \d+/);
  await expect(database).toContainText("no standby");
  await expect(database).toContainText(/Asked\s*postgres:\/\//);
  await expect(database).toContainText("Last success");
  const n8n = check(page, "n8n");
  await n8n.locator("summary").click();
  await expect(n8n).toContainText("HTTP 200 at /healthz");
  // No machine of the tests has a card; on one that has, it is told.
  await expect(verdict(page, "GPU")).toHaveText(/^(critical|ok)$/);
});

test("a crash is told with its exit code, and its check does not run", async ({ signedIn: page }) => {
  await open(page, "/deployment");
  await expectHealthy(page, "backend");
  try {
    stack("fail", "crash", "--stay-down");
    await expect(row(page, "backend")).toContainText("exited 70");
    await verify(page);
    const backend = check(page, "Backend");
    await expect(verdict(page, "Backend")).toHaveText("critical");
    await backend.locator("summary").click();
    await expect(backend).toContainText(`its container in ${PROJECT} is exited`);

    await page.goto("/");
    const said = page.getByRole("region", { name: "Verdict" });
    await expect(said).toContainText(/backend has failed with exit code 70/i);
    // The check fails for the same reason: it is told once.
    await expect(said).not.toContainText(/backend does not run/i);
    await page.goto(service("backend"));
    await expect(page.getByRole("log", { name: "Log lines" })).toContainText("unrecoverable state in render pipeline");
  } finally {
    stack("fail", "reset");
  }
  await open(page, "/deployment");
  await expectHealthy(page, "backend");
  await verify(page);
  await expect(verdict(page, "Backend")).toHaveText(/^(ok|warning)$/);
});

test("a hang is noticed by the container's health check and by the console's own", async ({ signedIn: page }) => {
  await open(page, "/deployment");
  await expectHealthy(page, "backend");
  try {
    stack("fail", "hang");
    await verify(page);
    const backend = check(page, "Backend");
    await expect(verdict(page, "Backend")).toHaveText("critical");
    await backend.locator("summary").click();
    await expect(backend).toContainText(/no answer within|did not end in time/);
    await expect(row(page, "backend")).toContainText("unhealthy", { timeout: 60_000 });
  } finally {
    stack("fail", "reset");
  }
  await expectHealthy(page, "backend");
});

test("errors that the backend counts are what its check tells", async ({ request, signedIn: page }) => {
  await open(page, "/deployment");
  await expectHealthy(page, "backend");
  try {
    // A first reading of the counters, to reckon from.
    await verify(page);
    stack("fail", "errors");
    for (let call = 0; call < 30; call++) await request.get("http://127.0.0.1:18000/api/videos");
    await verify(page);
    const backend = check(page, "Backend");
    await expect(verdict(page, "Backend")).toHaveText(/^(warning|critical)$/);
    await expect(backend.locator("summary > b")).toHaveText(/^(fails some requests|fails often)$/);
    await backend.locator("summary").click();
    await expect(backend).toContainText(/of \d+ requests ended in an error/);
  } finally {
    stack("fail", "reset");
  }
});

test("a video that costs too much stands out in the log", async ({ signedIn: page }) => {
  await open(page, service("backend"));
  try {
    stack("fail", "cost");
    await page.getByLabel("Least level").selectOption("warn");
    const dear = page.locator(".line.warn").filter({ hasText: "video rendered" });
    await expect(dear.first()).toBeVisible({ timeout: 60_000 });
    const cost = (await dear.first().textContent())?.match(/\$(\d+\.\d+)/)?.[1];
    expect(Number(cost)).toBeGreaterThan(3);
  } finally {
    stack("fail", "reset");
  }
});

test("a limit that was changed by hand is a drift, and gone when it is put back", async ({ signedIn: page }) => {
  await open(page, "/deployment");
  await expectHealthy(page, "frontend");
  try {
    docker("update", "--cpus", "0.2", container("frontend"));
    await expect(row(page, "frontend")).toContainText("healthy, drift");
    const project = page.getByRole("region", { name: PROJECT, exact: true });
    await expect(project).toContainText("1 service differs from the file");
    await project.getByText("What differs from the compose file").click();
    await expect(project.locator(".diff del")).toHaveText("- limits: 0.25 cores");
    await expect(project.locator(".diff ins")).toHaveText("+ limits: 0.2 cores");

    await page.goto(service("frontend"));
    await expect(page.locator(".diff small")).toHaveText("− in the compose file, + running");
    await expect(page.locator(".diff del")).toHaveText("- limits: 0.25 cores");
    await page.goto("/");
    await expect(page.getByRole("region", { name: "Verdict" })).toContainText(/frontend differs from its compose file/i);
  } finally {
    docker("update", "--cpus", "0.25", container("frontend"));
  }
  await open(page, "/deployment");
  await expectHealthy(page, "frontend");
  await expect(page.locator(".diff")).toHaveCount(0);
});

test("a service tells its mounts and limits, and what it uses of each", async ({ request, signedIn: page }) => {
  await open(page, service("nginx"));
  const facts = page.locator("dl.facts");
  await expect(facts.filter({ hasText: "Mounts" })).toContainText(/bind \/.*\/nginx\.conf at \/etc\/nginx\/nginx\.conf, read only/);
  await expect(facts.filter({ hasText: "Limits" })).toContainText("0.25 cores, 32.0 MiB");
  await expect(facts.filter({ hasText: "Restarts" })).toContainText("policy always");
  const usage = facts.filter({ hasText: "Block I/O" });
  await expect(usage).toContainText(/[\d.]+ \/ 0\.25 cores/, { timeout: 30_000 });
  await expect(usage).toContainText(/ MiB \/ 32\.0 MiB/);
  await expect(usage).toContainText(/B\/s read, .*B\/s written/);
  // It moves with what is asked of it.
  await expect(async () => {
    for (let call = 0; call < 20; call++) await request.get("http://127.0.0.1:18080/nginx-health");
    const text = (await usage.textContent()) ?? "";
    const out = text.match(/in, ([\d.]+) ([kM]?)B\/s out/);
    expect(Number(out?.[1] ?? 0) * (out?.[2] ? 1_000 : 1)).toBeGreaterThan(100);
  }).toPass({ timeout: 60_000 });

  await page.goto(service("postgres"));
  await expect(facts.filter({ hasText: "Mounts" })).toContainText("volume ytempire_postgres_data at /var/lib/postgresql/data");
});

test("the preflight tells what was found of everything that is wanted", async ({ signedIn: page }) => {
  await open(page, "/settings/preflight");
  const line = (id: string) => page.locator(`tr#${id}`);
  const cores = Number(docker("info", "-f", "{{.NCPU}}"));
  await expect(line("cpu")).toContainText("16 cores or more");
  await expect(line("cpu")).toContainText(cores >= 16 ? "ok" : "critical");
  await expect(line("memory")).toContainText("120 GiB or more");
  await expect(line("memory")).toContainText(/[\d.]+ [GT]iB/);
  await expect(line("storage")).toContainText(/10 TB \(9\.1 TiB\) or more.*\d+\.\d [GT]iB at \//);
  await expect(line("docker")).toContainText(`Docker Engine ${docker("version", "-f", "{{.Server.Version}}")}`);
  await expect(line("docker")).toContainText("ok");
  await expect(line("compose")).toContainText("docker-compose");
  await expect(line("nvidia_runtime")).toContainText(/has: .*runc/);
  await expect(line("gpu")).toContainText(/critical|ok/);
});
