import assert from "node:assert/strict";
import { describe, test } from "node:test";

/** What browsers are told to keep pages and answers from. */
export function pageHeaderSuite(url: () => string): void {
  describe("security headers", () => {
    const headersOf = async (path: string) => {
      const response = await fetch(url() + path);
      await response.arrayBuffer();
      return response.headers;
    };
    const policyOf = async (path: string) => (await headersOf(path)).get("content-security-policy") ?? "";

    test("the page may load its own files and talk to this server, nothing else", async () => {
      for (const path of ["/", "/d/some-document", "/worker.js"]) {
        const policy = await policyOf(path);
        for (const part of [
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "connect-src 'self'",
          "frame-ancestors 'none'",
          "base-uri 'none'",
          "form-action 'none'",
        ])
          assert.ok(policy.split("; ").includes(part), `${part} in ${policy}`);
        assert.ok(!/unsafe|\*|https?:/.test(policy), policy);
      }
    });

    test("anything else may do nothing at all, were it shown as a page", async () => {
      for (const path of [
        "/api/cluster",
        "/livez",
        "/metrics",
        "/assets/page.js",
        "/assets/icon.svg",
        "/nothing",
      ])
        assert.equal(await policyOf(path), "default-src 'none'; frame-ancestors 'none'", path);
    });

    test("the rest of them, everywhere; HSTS is for whoever ends TLS to say", async () => {
      for (const path of ["/", "/api/cluster", "/assets/page.js", "/nothing"]) {
        const headers = await headersOf(path);
        assert.equal(headers.get("x-content-type-options"), "nosniff", path);
        assert.equal(headers.get("referrer-policy"), "no-referrer", path);
        assert.equal(headers.get("x-frame-options"), "DENY", path);
        assert.equal(headers.get("cross-origin-opener-policy"), "same-origin", path);
        assert.equal(headers.get("cross-origin-resource-policy"), "same-origin", path);
        assert.match(headers.get("permissions-policy") ?? "", /camera=\(\), microphone=\(\)/, path);
        assert.equal(headers.get("strict-transport-security"), null, path);
        assert.equal(headers.get("x-powered-by"), null, path);
      }
    });
  });
}
