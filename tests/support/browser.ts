import { join } from "node:path";
import { after, before } from "node:test";
import { type BrowserContext, type Page, chromium } from "playwright-core";
import { temporaryFolder } from "./folder.ts";

/** Ends a hang: a page on a busy machine takes its time. */
const patienceMs = 60_000;
/** What the browser itself logs as an error when a server goes away: a request refused, a packet sent as it closed. */
const ofTheNetwork = /ERR_CONNECTION|^WebSocket is already in CLOSING or CLOSED state/;

/** A real Chromium that talks to nobody but the page's server. */
export function useBrowser(): (
  url: string,
  options?: { width?: number; height?: number },
) => Promise<BrowserPage> {
  const folder = temporaryFolder();
  let context: BrowserContext | undefined;
  before(async () => {
    context = await chromium.launchPersistentContext(join(folder, "profile"), {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      headless: true,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        "--disable-quic",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    context.setDefaultTimeout(patienceMs);
  });
  after(() => context?.close());

  return async (url, { width = 1280, height = 800 } = {}) => {
    if (!context) throw new Error("the browser is started before the tests, not while they are defined");
    const page = await context.newPage();
    await page.setViewportSize({ width, height });
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !ofTheNetwork.test(message.text())) errors.push(message.text());
    });
    const foreign: string[] = [];
    page.on("request", (request) => {
      if (new URL(request.url()).host !== new URL(url).host && !request.url().startsWith("data:"))
        foreign.push(request.url());
    });
    await page.goto(url);
    return { page, errors, foreign };
  };
}

/** What the page marks for tests. */
export const byId = (page: Page, id: string) => page.locator(`[data-testid="${id}"]`);

/** From here on the page opens without the server. */
export const pageIsCopied = (page: Page) =>
  page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

export interface BrowserPage {
  page: Page;
  /** What the page threw or logged as an error. */
  errors: string[];
  /** Requests to anyone but the server. */
  foreign: string[];
}

export async function waitForStatus(page: Page, status: string): Promise<void> {
  await page.waitForFunction((wanted) => document.documentElement.dataset["status"] === wanted, status);
}
