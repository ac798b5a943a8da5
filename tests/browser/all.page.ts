import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import { byId, useBrowser, waitForStatus } from "../support/browser.ts";
import { useCluster, waitForMode } from "../support/cluster.ts";
import { newId } from "../support/sockets.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("the page, in Chromium, on three replicas", { timeout: groupTimeoutMs }, () => {
  const cluster = useCluster();
  const open = useBrowser();
  const pageOn = (replica: number, id: string) => open(`${cluster().replicas[replica]?.url}/d/${id}`);

  test("users on two replicas see each other's names, and who leaves", async () => {
    const id = newId();
    const [ada, bob] = await Promise.all([pageOn(0, id), pageOn(2, id)]);
    await Promise.all([waitForStatus(ada.page, "synced"), waitForStatus(bob.page, "synced")]);
    assert.notEqual(await byId(ada.page, "replica").innerText(), await byId(bob.page, "replica").innerText());
    await byId(ada.page, "name-input").fill("Ada Lovelace");
    await byId(ada.page, "name-input").press("Enter");
    const listed = async () => (await byId(bob.page, "people").innerText()).includes("Ada Lovelace");
    await waitFor("Bob's list has Ada", listed);
    await ada.page.close();
    await waitFor("Ada is gone", async () => !(await listed()));
    for (const { errors, foreign } of [ada, bob]) assert.deepEqual([errors, foreign], [[], []]);
  });

  test("a replica that stops is told, and joined again when it is back", async () => {
    const { page } = await pageOn(0, newId());
    await waitForStatus(page, "synced");
    await cluster().replicas[0]?.process.stop();
    await waitForStatus(page, "offline");
    await cluster().restartReplica(0);
    await waitForStatus(page, "synced");
  });

  test("degraded mode is told, and when it is over", async () => {
    const { page } = await pageOn(1, newId());
    await waitForStatus(page, "synced");
    const mode = async () => (await byId(page, "mode").textContent()) ?? "";
    await cluster().redis?.process.stop();
    await waitForMode(cluster(), "degraded");
    await waitFor("the page tells", async () => /degraded/i.test(await mode()));
    await cluster().startRedis();
    await waitFor("and tells when it is over", async () => /cluster/i.test(await mode()));
    assert.equal(await page.evaluate(() => document.documentElement.dataset["status"]), "synced");
  });

  test("fits a phone without scrolling sideways", async () => {
    const { page } = await open(`${cluster().replicas[2]?.url}/d/${newId()}`, { width: 360, height: 740 });
    await waitForStatus(page, "synced");
    const { scrollWidth, clientWidth } = await page.evaluate(() => ({
      scrollWidth: document.documentElement.scrollWidth,
      clientWidth: document.documentElement.clientWidth,
    }));
    assert.ok(scrollWidth <= clientWidth, `${scrollWidth} > ${clientWidth}`);
  });

  test("a name that no room can have is told of, not opened", async () => {
    const { page } = await open(`${cluster().replicas[1]?.url}/d/no%20such%20name`);
    await waitFor("the page explains", async () => /name/i.test(await page.locator("main").innerText()));
    assert.equal(await page.evaluate(() => document.documentElement.dataset["status"]), undefined);
  });

  test("/ opens the room welcome", async () => {
    const { page } = await open(cluster().replicas[0]?.url ?? "");
    await waitForStatus(page, "synced");
    assert.equal(new URL(page.url()).pathname, "/d/welcome");
    assert.match(await page.title(), /welcome/);
  });
});
