import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, test } from "node:test";
import { freePort } from "../../../deploy/local/free-port.ts";

describe("free ports", () => {
  test("none is given twice in a row of many, though nobody listens on them yet", async () => {
    const ports = new Set<number>();
    for (let count = 0; count < 50; count += 1) ports.add(await freePort());
    assert.equal(ports.size, 50);
  });

  test("the wanted one is given while it is free, another one while it is taken", async () => {
    const wanted = await freePort();
    assert.equal(await freePort(wanted), wanted);

    const server = createServer().listen(wanted, "127.0.0.1");
    await once(server, "listening");
    assert.notEqual(await freePort(wanted), wanted);
    server.close();
    await once(server, "close");
  });
});
