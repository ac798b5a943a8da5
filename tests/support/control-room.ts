import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Page } from "playwright-core";
import { type Process, start, waitFor, waitWhileRunning } from "../../deploy/local/process.ts";
import { root, runtimeCommand } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "./folder.ts";

/** The real launcher, `npm run cluster`, with the control room's address. @param port the one that is wanted. */
export function useLauncher(port: () => number = () => 0) {
  const folder = temporaryFolder();
  let launcher: Process | undefined;
  let url = "";
  before(async () => {
    const options = ["--port", "0", "--dir", folder, "--control-room-port", String(port())];
    const started = await start({
      command: runtimeCommand("node"),
      args: ["deploy/local/main.ts", ...options],
      cwd: root,
      env: { DRAIN_MS: "0" },
    });
    launcher = started;
    url = await waitWhileRunning(
      started,
      "it prints the control room's address",
      () => /(http:\/\/localhost:\d+) +the control room/.exec(started.output())?.[1],
      120_000,
    );
    await waitFor("it prints the rest", () => /Ctrl-C stops everything/.test(started.output()));
  });
  after(() => launcher?.stop());
  return () => {
    if (!launcher) throw new Error("the launcher is started before the tests, not while they are defined");
    return { launcher, url };
  };
}

export const byId = (page: Page, id: string) => page.locator(`[data-testid="${id}"]`);
export const stateOf = (page: Page, part: string) => byId(page, part).getAttribute("data-state");
export const press = (page: Page, action: string, part: string) =>
  byId(page, part)
    .getByRole("button", { name: new RegExp(`^${action} `) })
    .click();
export const proofOf = (page: Page) => byId(page, "proof").innerText();
const isIn = (page: Page, part: string, state: string) => async () => (await stateOf(page, part)) === state;

/** Waits until both users are in the room. */
export const waitForUsers = (page: Page) =>
  waitFor(
    "both users are in",
    async () => (await page.locator('.panel[data-status="synced"]').count()) === 2,
  );

/** Waits until the page finds, at this moment, that all that was done is there. */
export const waitForProof = (page: Page) =>
  waitFor(
    "the page finds that all has arrived",
    async () => (await byId(page, "proof").getAttribute("data-exactly")) === "good",
    30_000,
  );

/**
 * Kills, hangs and starts each part by its buttons, and checks what the page shows of it.
 *
 * @param meanwhile is called again and again.
 * @param whenOffline is called while no user has a connection.
 */
export async function breakEachPart(
  page: Page,
  meanwhile: () => Promise<void> = async () => undefined,
  whenOffline: () => Promise<void> = async () => undefined,
): Promise<void> {
  async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const check = async () => {
      await meanwhile();
      return condition();
    };
    await waitFor(what, check, 30_000);
  }
  const placeOf = (name: string) => byId(page, `person-${name}`).getAttribute("data-on");
  const logHas = async (text: string) => (await byId(page, "log").innerText()).includes(text);
  const countIn = (mode: string) => byId(page, "map").locator(`.replica[data-mode="${mode}"]`).count();

  for (const part of ["caddy", "replica-1", "replica-2", "replica-3", "redis"])
    await waitFor(`${part} serves`, isIn(page, part, "serving"));
  await waitForUsers(page);
  await waitFor("on different replicas", async () => {
    const [ada, bob] = [await placeOf("Ada"), await placeOf("Bob")];
    return ada && bob && ada !== bob;
  });
  await waitFor("the drawing has a line from each to a replica", async () => {
    const ids = await page
      .locator("svg path.person")
      .evaluateAll((paths) => paths.map((path) => path.getAttribute("data-wire")));
    return ["Ada", "Bob"].every((name) => ids.some((id) => id?.startsWith(`${name}:replica`)));
  });

  for (const [index, label] of ["1-node", "2-bun", "3-deno"].entries()) {
    const part = `replica-${index + 1}`;
    await press(page, "Kill", part);
    await until(`${part} is shown dead`, isIn(page, part, "dead"));
    assert.match(await byId(page, part).locator("summary").innerText(), /SIGKILL/);
    await until("the log says it", () => logHas(`${label} was killed`));
    await press(page, "Start", part);
    await until(`${part} serves again`, isIn(page, part, "serving"));
    await until("the log says how long it took", () => logHas(`${label} is up after`));
  }

  await press(page, "Kill", "caddy");
  await until("Caddy is dead", isIn(page, "caddy", "dead"));
  await until("a user has no connection", async () =>
    (await byId(page, "status-Ada").innerText()).startsWith("not connected, "),
  );
  await whenOffline();
  await press(page, "Start", "caddy");
  await until("Caddy serves again", isIn(page, "caddy", "serving"));
  await waitForUsers(page);

  await press(page, "Kill", "redis");
  await until("replicas are shown degraded", async () => (await countIn("degraded")) === 3);
  await press(page, "Start", "redis");
  await until("and in cluster mode again", async () => (await countIn("cluster")) === 3);

  await press(page, "Hang", "redis");
  await until("Redis is shown hung", isIn(page, "redis", "hung"));
  await press(page, "Wake", "redis");
  await until("and serves again", isIn(page, "redis", "serving"));

  // Clicked twice, as the impatient do; a part that hangs is killed first.
  await press(page, "Hang", "replica-2");
  await until("a replica is shown hung", isIn(page, "replica-2", "hung"));
  await Promise.all([
    press(page, "Restart", "replica-2"),
    press(page, "Restart", "replica-2").catch(() => undefined),
  ]);
  await until("and serves again", isIn(page, "replica-2", "serving"));
}
