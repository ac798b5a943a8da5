import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createProxyTrust } from "../../../src/platform/util/client-address.ts";
import { createOriginCheck } from "../../../src/platform/util/origin.ts";

describe("origin", () => {
  const check = createOriginCheck(["https://app.example.com"], createProxyTrust(["127.0.0.0/8"]));
  const ask = (
    origin: string | undefined,
    host: string | undefined = "docs.example.com",
    { forwardedHost, peer = "203.0.113.9" }: { forwardedHost?: string; peer?: string } = {},
  ) => check({ origin, host, forwardedHost, peer });

  test("without one it is no browser", () => assert.ok(ask(undefined)));

  test("the page's own host may call, by either scheme", () => {
    assert.ok(ask("https://docs.example.com"));
    assert.ok(ask("http://docs.example.com"));
    assert.ok(ask("http://localhost:3000", "localhost:3000"));
    assert.ok(ask("http://[::1]:3000", "[::1]:3000"));
  });

  test("letter case and a default port make no difference", () => {
    assert.ok(ask("https://docs.example.com", "Docs.Example.COM:443"));
    assert.ok(ask("http://docs.example.com", "docs.example.com:80"));
  });

  test("a listed one may call", () => assert.ok(ask("https://app.example.com")));

  test("no other may, however alike", () => {
    for (const origin of [
      "null",
      "",
      "https://evil.example.com",
      "http://app.example.com",
      "https://app.example.com:8443",
      "https://app.example.com.evil.net",
      "https://docs.example.com.evil.net",
      "https://docs.example.com:8443",
      "https://docs.example.com@evil.net",
      "https://app.example.com, https://app.example.com",
      "file://",
      "chrome-extension://docs.example.com",
      "https://",
      "docs.example.com",
    ]) {
      assert.ok(!ask(origin), origin);
    }
    assert.ok(!ask("http://localhost:3001", "localhost:3000"), "another port is another origin");
  });

  test("a missing or malformed host is nobody's own", () => {
    assert.ok(!check({ origin: "https://x", host: undefined, forwardedHost: undefined, peer: undefined }));
    for (const host of ["", "a b", "docs.example.com:99999", "docs.example.com.evil.net"])
      assert.ok(!ask("https://docs.example.com", host), host);
  });

  test("the host that a trusted proxy was called by counts, and nobody else's word for it", () => {
    const forwardedHost = "docs.example.com";
    assert.ok(ask("https://docs.example.com", "upstream:3000", { forwardedHost, peer: "127.0.0.1" }));
    assert.ok(ask("https://docs.example.com", "upstream:3000", { forwardedHost, peer: "::ffff:127.0.0.1" }));
    assert.ok(!ask("https://docs.example.com", "upstream:3000", { forwardedHost }));
    assert.ok(
      !ask("https://evil.net", "upstream:3000", { forwardedHost: "evil.net, a.net", peer: "127.0.0.1" }),
    );
  });
});
