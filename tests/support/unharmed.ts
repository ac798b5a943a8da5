import assert from "node:assert/strict";
import type { BrowserPage } from "./browser.ts";

/** Each part of this says so when it runs. */
export const markup = `<img src=x onerror="window.hacked=1"><script>window.hacked=2</script><b onclick="window.hacked=3">`;

/** Nothing ran, nothing was loaded from elsewhere, and the policy had nothing to forbid. */
export async function assertUnharmed({ page, errors, foreign }: BrowserPage): Promise<void> {
  assert.equal(await page.evaluate(() => "hacked" in window), false, "something ran");
  assert.deepEqual([errors, foreign], [[], []]);
  const dangerous = await page.evaluate(
    () =>
      [...document.querySelectorAll("*")].filter(
        (element) =>
          element.matches("iframe, object, embed, form[action], base, style, link[rel=import]") ||
          (element.matches("script") && !element.matches("head > script[type=module]")) ||
          [...element.attributes].some(
            ({ name, value }) => /^on/i.test(name) || /^\s*(javascript|vbscript|data:text)/i.test(value),
          ),
      ).length,
  );
  assert.equal(dangerous, 0, "nothing that could run got into the page");
}
