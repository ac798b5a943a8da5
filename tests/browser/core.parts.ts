import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { defineContract } from "../../src/platform/contract/define.ts";
import { defineFeature } from "../../src/platform/feature.ts";
import { useApp } from "../support/app.ts";
import { byId, useBrowser, waitForStatus } from "../support/browser.ts";
import { newId } from "../support/sockets.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { authSecret, makeToken } from "../support/tokens.ts";

describe("the page without a feature, and with one that only shows", { timeout: groupTimeoutMs }, () => {
  const bare = useApp([]);
  const signed = useApp(
    [
      defineFeature({
        contract: defineContract("shows", {}),
        page: new URL("../support/page-part.ts", import.meta.url),
        create: () => ({}),
      }),
    ],
    { AUTH_SECRET: authSecret },
  );
  const failing = useApp(
    ["fails", "shows", "shows-too"].map((name) =>
      defineFeature({
        contract: defineContract(name, {}),
        page: new URL(
          name === "fails" ? "../support/failing-page-part.ts" : "../support/page-part.ts",
          import.meta.url,
        ),
        create: () => ({}),
      }),
    ),
  );
  const open = useBrowser();

  test("shows the members of the room, also by a new name, and that it is connected", async () => {
    const id = newId();
    const ada = await open(`${bare()}/d/${id}`);
    const bob = await open(`${bare()}/d/${id}`);
    await Promise.all([waitForStatus(ada.page, "synced"), waitForStatus(bob.page, "synced")]);
    assert.equal(await byId(ada.page, "status").innerText(), "Connected");
    assert.equal(await byId(ada.page, "recent-summary").innerText(), "Rooms");
    assert.ok(await byId(ada.page, "main-place").isHidden(), "no part put anything there");
    assert.equal(await byId(ada.page, "side-place").locator("*").count(), 0);
    await waitFor(
      "both are listed",
      async () => (await byId(bob.page, "people").locator("li").count()) === 2,
    );
    await byId(ada.page, "name-input").fill("Ada Lovelace");
    await byId(ada.page, "name-input").press("Enter");
    await waitFor("Bob's list has the new name, once", async () => {
      const names = await byId(bob.page, "people").locator("li").allInnerTexts();
      return names.length === 2 && names.filter((name) => name.includes("Ada Lovelace")).length === 1;
    });
    await ada.page.close();
    await waitFor("Ada is gone", async () => (await byId(bob.page, "people").locator("li").count()) === 1);
    assert.deepEqual([ada.errors, bob.errors, bob.foreign], [[], [], []]);
  });

  test("says that no room can have such a name", async () => {
    const { page } = await open(`${bare()}/d/no%20such%20name`);
    await waitFor("the page says so", async () =>
      (await page.locator("main").innerText()).includes("No room can have this name"),
    );
  });

  test("gives a part the room, the user, the membership and presence, and takes its word for a room", async () => {
    const id = newId();
    const token = await makeToken({ sub: "rita", documents: { [id]: "read" } });
    const { page, errors } = await open(`${signed()}/d/${id}#token=${token}`);
    const name = await byId(page, "name-input").inputValue();
    await waitFor(
      "the part shows what it was given",
      async () =>
        (await byId(page, "given").innerText()) === `${id} | rita | ${name} | board | synced | read | 1`,
    );
    assert.equal(await byId(page, "recent-summary").innerText(), "Boards");
    assert.match(await byId(page, "banners").innerText(), /You may read here/);
    assert.deepEqual(errors, []);
  });

  test("shows which part failed, and which parts bring the same; the others work", async () => {
    const { page } = await open(`${failing()}/d/${newId()}`);
    await waitForStatus(page, "synced");
    assert.equal(await byId(page, "given").count(), 2);
    const problems = await byId(page, "banners").innerText();
    assert.match(problems, /"shows" and "shows-too" all bring a noun: that of "shows" counts/);
    assert.match(problems, /The part of the feature "fails" failed \(join\)/);
    assert.match(problems, /The part of the feature "fails" failed \(mount\)/);
  });

  test("tells a user who may not read the room", async () => {
    const token = await makeToken({ sub: "eve" });
    const { page } = await open(`${signed()}/d/${newId()}#token=${token}`);
    await waitFor("the page says so", async () =>
      (await byId(page, "banners").innerText()).includes("may not open this room"),
    );
    assert.equal(await byId(page, "status").innerText(), "No access");
  });
});
