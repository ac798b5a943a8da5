import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { assertAccessible } from "../support/axe.ts";
import { byId, useBrowser, waitForStatus } from "../support/browser.ts";
import { useMembers } from "../support/members.ts";
import { useRestartable } from "../support/restartable.ts";
import { newId } from "../support/sockets.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { authSecret, makeToken } from "../support/tokens.ts";

describe("the page is accessible", { timeout: groupTimeoutMs }, () => {
  const serve = useRestartable();
  const open = useBrowser();
  const { visible } = useMembers();
  const token = (sub: string, access: "read" | "write" = "write") =>
    makeToken({ sub, name: sub, documents: { "*": access } });

  test("axe finds nothing, in any state, wide and narrow, light and dark; nothing scrolls sideways", async () => {
    const server = await serve("axe", { AUTH_SECRET: authSecret });
    const room = newId();
    const { page, errors } = await open(`${server.url}/d/${room}#token=${await token("Bob")}`);
    await waitForStatus(page, "synced");
    await assertAccessible(page, "alone");
    const ada = await visible(server.url, room, { token: await token("Ada") });
    ada.awareness.setLocalStateField("user", { name: "Ada", color: "#0e7490" });
    await waitFor("Ada is listed", async () => (await byId(page, "people").innerText()).includes("Ada"));
    await assertAccessible(page, "with another user");
    await byId(page, "recent-summary").click();
    await assertAccessible(page, "with the list of rooms");
    await page.keyboard.press("Escape");
    await byId(page, "help-open").click();
    await assertAccessible(page, "with the list of keys");
    await page.keyboard.press("Escape");
    await server.process.stop();
    await waitForStatus(page, "offline");
    await assertAccessible(page, "offline");
    const { url } = await serve("axe", { AUTH_SECRET: authSecret });
    await page.goto(`${url}/d/${room}#token=${await token("Rita", "read")}`);
    await waitForStatus(page, "synced");
    await assertAccessible(page, "read-only");
    await page.goto(`${url}/docs`);
    await assertAccessible(page, "the reference");
    assert.deepEqual(errors, []);
  });
});
