import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { start } from "../../../deploy/local/process.ts";
import { runtimeCommand } from "../../../deploy/local/replica.ts";
import { watch } from "../../faults/watched.ts";

const filler = "x".repeat(1023);

describe("what the fault suite reads of a replica's output", () => {
  test("an uncaught error is found though far more was written after it, with its stack", async () => {
    const script = `
      console.log("a client does not read 1");
      console.error("Uncaught TypeError: broken\\n    at here");
      for (let line = 0; line < 200; line += 1) console.error(${JSON.stringify(filler)});
    `;
    const process = await start({ command: runtimeCommand("node"), args: ["--eval", script] });
    const watched = watch({ process, runtime: "node", port: 0, url: "" });
    await once(process.child, "close");
    assert.ok(!process.output().includes("Uncaught"));
    assert.match(watched.uncaught() ?? "", /^Uncaught TypeError: broken\n {4}at here\nx+/);
    assert.deepEqual(watched.logged("a client does not read"), ["a client does not read 1"]);
  });

  test("so is one that the server logged and went on from", async () => {
    const script = `console.log('{"level":50,"msg":"an error that nothing caught"}')`;
    const process = await start({
      command: runtimeCommand("node"),
      args: ["--eval", script],
      provokesUncaught: true,
    });
    const watched = watch({ process, runtime: "node", port: 0, url: "" });
    await once(process.child, "close");
    assert.match(watched.uncaught() ?? "", /that nothing caught/);
  });
});
