import type { Page } from "@playwright/test";

import { expect, open } from "./test";

/** A chart's card by its heading. */
export const chart = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });
export const line = (page: Page, title: string) => chart(page, title).locator("svg.plot path.line").first();
export const reader = (page: Page, title: string) => chart(page, title).getByRole("slider");

/** Opens charts and waits until the console has taken samples and the page shows them, by itself. */
export async function openCharts(page: Page, url = "/resources?range=300s"): Promise<void> {
  await open(page, url);
  await expect(line(page, "CPU")).toBeVisible({ timeout: 40_000 });
}

/** No legend is cut: what it holds is as high as it is itself. */
export async function expectWholeLegends(page: Page): Promise<void> {
  const cut = () =>
    page.locator(".legend").evaluateAll((all) => all.filter((legend) => legend.scrollHeight > legend.clientHeight + 1).map((legend) => legend.textContent));
  await expect.poll(cut).toEqual([]);
}
