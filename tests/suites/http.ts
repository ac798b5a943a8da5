import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { useMembers } from "../support/members.ts";
import { newId } from "../support/sockets.ts";

/** The HTTP side of one server in `single` mode. */
export function httpSuite(url: () => string, runtime: string): void {
  describe("HTTP", () => {
    const { member } = useMembers();

    test("says that it lives, is ready, and what it is", async () => {
      assert.equal((await fetch(`${url()}/livez`)).status, 200);
      const ready = await fetch(`${url()}/readyz`);
      assert.equal(ready.status, 200);
      const body = (await ready.json()) as Record<string, unknown>;
      assert.equal(body["status"], "serving");
      assert.equal(body["mode"], "single");
      assert.deepEqual(body["redis"], { configured: false });
      assert.ok(String(body["runtime"]).startsWith(`${runtime} `), String(body["runtime"]));
    });

    test("metrics are Prometheus', with the events counted", async () => {
      const ada = await member(url(), newId());
      assert.ok((await ada.say("x")).ok);
      const response = await fetch(`${url()}/metrics`);
      assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
      const text = await response.text();
      assert.match(text, /trimaran_events_total\{.*event="say",.*result="ok".*\} [1-9]/);
      assert.match(text, /trimaran_mode\{.*mode="single".*\} 1/);
      assert.match(text, /trimaran_connections\{.*\} [1-9]/);
      assert.match(text, /process_resident_memory_bytes/);
    });

    test("the cluster view of one replica is that replica, its sockets and rooms", async () => {
      const id = newId();
      await member(url(), id);
      const view = (await (await fetch(`${url()}/api/cluster`)).json()) as {
        mode: string;
        partial: boolean;
        replicas: { runtime: string; sockets: number; rooms: Record<string, number> }[];
      };
      assert.equal(view.mode, "single");
      assert.equal(view.partial, false);
      assert.equal(view.replicas.length, 1);
      assert.equal(view.replicas[0]?.rooms[id], 1);
    });

    test("the page comes from the server's own files, and is cached by content", async () => {
      const page = await fetch(`${url()}/`);
      assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
      const html = await page.text();
      assert.ok(!/(src|href)="(https?:)?\/\//.test(html), "nothing from elsewhere");
      const script = await fetch(`${url()}/assets/page.js`);
      assert.equal(script.status, 200);
      assert.match(script.headers.get("content-type") ?? "", /^text\/javascript/);
      const etag = script.headers.get("etag") ?? "";
      await script.arrayBuffer();
      const again = await fetch(`${url()}/assets/page.js`, { headers: { "if-none-match": etag } });
      assert.equal(again.status, 304);
      assert.equal((await fetch(`${url()}/d/some-document`)).status, 200);
    });

    test("what is not there is a 404 with a reason", async () => {
      for (const path of [
        "/nothing",
        "/assets/nothing.js",
        "/assets/..%2f..%2fpackage.json",
        "/api/nothing",
      ]) {
        const response = await fetch(url() + path);
        assert.equal(response.status, 404, path);
        assert.ok(((await response.json()) as { error: { message: string } }).error.message);
      }
    });

    test("every answer tells where the client stands with its limit", async () => {
      const { headers } = await fetch(`${url()}/api/cluster`);
      for (const name of ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"])
        assert.match(headers.get(name) ?? "", /^\d+$/, name);
    });
  });
}
