import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import { useBrowser } from "../../support/browser.ts";
import { byId, press, proofOf, stateOf, useLauncher, waitForProof } from "../../support/control-room.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";

describe("the chat in the control room", { timeout: groupTimeoutMs }, () => {
  const room = useLauncher();
  const open = useBrowser();

  test("the autopilot sends messages while a replica is killed, and every message comes once", async () => {
    const { page } = await open(room().url, { width: 1440, height: 900 });
    await byId(page, "autopilot").click();
    await press(page, "Kill", "replica-3");
    await waitFor("it is dead", async () => (await stateOf(page, "replica-3")) === "dead");
    await press(page, "Start", "replica-3");
    await waitFor("it serves", async () => (await stateOf(page, "replica-3")) === "serving", 60_000);
    const counts = async () =>
      /(\d+) sent, (\d+) received, (\d+) doubled/
        .exec(await proofOf(page))
        ?.slice(1)
        .map(Number) ?? [];
    await waitFor("messages come", async () => Number((await counts())[1]) >= 3, 60_000);
    await byId(page, "autopilot").click();
    await waitFor(
      "all are there",
      async () => {
        const [sent, received] = await counts();
        return sent === received;
      },
      30_000,
    );
    await waitForProof(page);
    assert.equal((await counts())[2], 0, "none is doubled");
    await page.close();
  });
});
