import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createClientAddress } from "../../../src/platform/util/client-address.ts";

describe("client address", () => {
  const address = createClientAddress(["127.0.0.0/8", "10.0.0.0/8", "fd00::/8"]);

  test("is the peer without a header", () => {
    assert.equal(address("203.0.113.9", undefined), "203.0.113.9");
  });
  test("an IPv4 peer of a dual-stack listener is its IPv4 address", () => {
    assert.equal(address("::ffff:203.0.113.9", undefined), "203.0.113.9");
  });
  test("an untrusted peer's header is not believed", () => {
    assert.equal(address("203.0.113.9", "198.51.100.1"), "203.0.113.9");
  });
  test("a trusted proxy's header is read from the right", () => {
    assert.equal(address("127.0.0.1", "6.6.6.6, 198.51.100.1"), "198.51.100.1");
  });
  test("a chain of trusted proxies is followed to the client", () => {
    assert.equal(address("127.0.0.1", "6.6.6.6, 198.51.100.1, 10.1.2.3"), "198.51.100.1");
  });
  test("IPv6 proxies count too", () => {
    assert.equal(address("fd00::1", "2001:db8::5"), "2001:db8::5");
  });
  test("what is no address ends the search", () => {
    assert.equal(address("127.0.0.1", "198.51.100.1, nonsense"), "127.0.0.1");
  });
  test("an unknown peer has a name of its own", () => {
    assert.equal(address(undefined, undefined), "unknown");
  });
  test("a malformed range is refused", () => {
    for (const range of ["300.1.1.1", "10.0.0.0/33", "example.com", ""]) {
      assert.throws(() => createClientAddress([range]), RangeError, range);
    }
  });
});
