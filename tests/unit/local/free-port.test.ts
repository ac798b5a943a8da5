import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { describe, test } from "node:test";
import { freePort } from "../../../deploy/local/free-port.ts";
import { start, waitFor } from "../../../deploy/local/process.ts";
import { runtimeCommand, runtimes } from "../../../deploy/local/replica.ts";

const source = new URL("../../../deploy/local/free-port.ts", import.meta.url).href;

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

  for (const runtime of runtimes) {
    test(`nobody else has those of a program on ${runtime}, while it runs`, async () => {
      // As text: a number may come in colour.
      const code = `console.log(String(await (await import(${JSON.stringify(source)})).freePort())); await new Promise((end) => process.stdin.once("data", end).resume()); process.stdin.destroy();`;
      const args = { node: ["--input-type=module", "-e"], bun: ["-e"], deno: ["eval"] }[runtime];
      const program = await start({ command: runtimeCommand(runtime), args: [...args, code], input: true });
      try {
        const port = Number(await waitFor("it has a port", () => /^\d+\n/.exec(program.output())?.[0]));
        const first = port - (port % 100);
        const other = createServer().listen(first, "127.0.0.1");
        await assert
          .rejects(once(other, "listening"), { code: "EADDRINUSE" }, "it holds its part")
          .finally(() => other.close());
        // Sent away with an end or a reset, either is good.
        const visitor = connect(first, "127.0.0.1")
          .on("error", () => {})
          .resume();
        await waitFor("who connects to it is sent away", () => visitor.destroyed);
        assert.notEqual(await freePort().then((own) => own - (own % 100)), first);

        program.child.stdin?.write("end\n");
        await waitFor("it ends, though it holds its part", () => !program.isRunning());
        assert.equal((await program.exited).code, 0);
      } finally {
        await program.stop();
      }
    });
  }
});
