import type { Page } from "playwright-core";
import { waitForStatus } from "../../../support/browser.ts";

export const editor = (page: Page) => page.locator('[data-testid="editor"] .ql-editor');

/** The editor's text, without cursors' labels. */
export const editorText = (page: Page): Promise<string> => editor(page).innerText();

export async function waitForSaved(page: Page): Promise<void> {
  await waitForStatus(page, "synced");
  await page.waitForFunction(() => document.documentElement.dataset["unsaved"] === "false");
}
