import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { requestText, send } from "../support/raw-http.ts";

/** Ways to ask for a file that is not the page's. They go out as they are written. */
const paths = [
  "/assets/../package.json",
  "/assets/../../package.json",
  "/../package.json",
  "/assets/%2e%2e/package.json",
  "/assets/%2E%2E%2Fpackage.json",
  "/assets/..%2f..%2fpackage.json",
  "/assets/..%5c..%5cpackage.json",
  "/assets/..\\..\\package.json",
  "/assets/....//package.json",
  "/assets/%252e%252e%252fpackage.json",
  "/assets/%c0%ae%c0%ae%c0%afpackage.json",
  "/assets/%u002e%u002e/package.json",
  "/assets/..;/package.json",
  "/assets//etc/passwd",
  "//etc/passwd",
  "/etc/passwd",
  "/assets/%2fetc%2fpasswd",
  "/assets/file:%2f%2f%2fetc%2fpasswd",
  "/assets/%00",
  "/assets/page.js%00.css",
  "/assets/page.ts",
  "/assets/assets.ts",
  "/assets/index.html%2f..%2f..%2fmain.ts",
  "/assets/constructor",
  "/assets/__proto__",
  "/assets/%",
  "/assets/%zz",
  "/assets/%ff%fe",
  `/assets/${"a".repeat(4000)}`,
  `/assets/${"../".repeat(200)}etc/passwd`,
  "/d/../package.json",
  "/d/..%2fpackage.json/x",
  "/.env",
  "/.git/config",
  "/data/trimaran.sqlite",
  "/src/main.ts",
];

/** Content of what must stay inside: package.json, passwd, sources. */
const inside = /"devDependencies"|root:[x*]:0:0|from "node:|import \{/;

/** The page's few files, and nothing else of the disk, however it is asked for. */
export function staticFileSuite(port: () => number): void {
  describe("files", () => {
    const host = () => ({ Host: `127.0.0.1:${port()}`, Connection: "close" });

    test("what is not the page's is not served, whatever the path", async () => {
      for (const path of paths) {
        const { status, text } = await send(port(), requestText(path, { headers: host() }));
        assert.ok(status === undefined || (status >= 400 && status < 500), `${path}: ${text.slice(0, 200)}`);
        assert.ok(!inside.test(text), `${path}: ${text.slice(0, 300)}`);
      }
    });

    test("nor by an absolute target, another host, or another method", async () => {
      for (const target of [
        "http://127.0.0.1/assets/../../package.json",
        "http://evil.example/../package.json",
        "file:///etc/passwd",
        "*",
        "package.json",
      ]) {
        const { status, text } = await send(port(), requestText(target, { headers: host() }));
        assert.ok(!inside.test(text), `${target}: ${text.slice(0, 300)}`);
        assert.ok(status === undefined || status >= 400, `${target}: ${text.slice(0, 200)}`);
      }
      for (const method of ["PUT", "DELETE", "PATCH", "TRACE"]) {
        const { status } = await send(port(), requestText("/assets/page.js", { method, headers: host() }));
        assert.ok(status === undefined || status >= 400, `${method}: ${status}`);
      }
    });

    test("the page's own files still are", async () => {
      for (const path of [
        "/",
        "/d/some-document",
        "/assets/page.js",
        "/assets/page.css",
        "/assets/icon.svg",
        "/worker.js",
      ]) {
        const { status } = await send(port(), requestText(path, { headers: host() }));
        assert.equal(status, 200, path);
      }
    });
  });
}
