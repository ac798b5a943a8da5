import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface AxeResult {
  violations: { id: string; nodes: { html: string }[] }[];
}

/** What is wrong with a page for users of a keyboard or a screen reader, by all rules of axe. */
export async function axeViolations(page: Page): Promise<string[]> {
  // As the debugger does it: the page's own policy lets nothing be added to it.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: source });
  const { result } = await session.send("Runtime.evaluate", {
    expression: "axe.run().then((result) => JSON.stringify(result))",
    awaitPromise: true,
  });
  await session.detach();
  const { violations } = JSON.parse(String(result.value)) as AxeResult;
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
}

/** Heights of the header's controls, a list for each of its rows where they differ by more than a border. */
const unevenRows = (page: Page) =>
  page.evaluate(() => {
    const rows: DOMRect[][] = [];
    for (const control of document.querySelectorAll(".top :is(input, button, summary)")) {
      const box = control.getBoundingClientRect();
      const row = rows.find(([first]) => first && box.top < first.bottom && box.bottom > first.top);
      if (row) row.push(box);
      else rows.push([box]);
    }
    const heights = rows.map((row) => row.map(({ height }) => height));
    return heights.filter((row) => Math.max(...row) - Math.min(...row) > 4);
  });

/** Axe finds nothing and nothing scrolls sideways, light and dark, wide and narrow. @param state for messages. */
export async function assertAccessible(page: Page, state: string): Promise<void> {
  const size = page.viewportSize();
  for (const scheme of ["light", "dark"] as const) {
    for (const [width, height] of [
      [1280, 800],
      [390, 844],
      [320, 640],
    ] as const) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height });
      assert.deepEqual(await axeViolations(page), [], `${state}, ${scheme}, ${width}`);
      const isWider = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      assert.ok(!isWider, `${state}, ${width}: scrolls sideways`);
      assert.deepEqual(await unevenRows(page), [], `${state}, ${width}: controls of one row in one height`);
    }
  }
  if (size) await page.setViewportSize(size);
}
