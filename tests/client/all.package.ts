import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { before, describe, test } from "node:test";
import { root, runtimeCommand, runtimes } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { useServer } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

/** What an app would write. */
const program = `
import { connect } from "trimaran/client";
import { createOutbox } from "trimaran/client/chat";
import { DocumentProvider, type ProviderState } from "trimaran/client/documents";
import * as Y from "yjs";

const url: string = process.env["SERVER"] ?? "";
const documentId: string = "package-" + process.env["RUNTIME"];
const open = (name: string) => {
  const socket = connect(url, { name, token: () => "", forceNew: true });
  const doc = new Y.Doc();
  return { socket, doc, provider: new DocumentProvider(socket, documentId, doc) };
};
const [ada, bob] = [open("Ada"), open("Bob")];
const heard = new Promise<string>((resolve) => {
  bob.socket.on("receive-message", ({ from, text }) => resolve(from + ": " + text));
});
const status: ProviderState["status"] = ada.provider.state.status;
await Promise.all([ada.provider.whenSaved(), bob.provider.whenSaved()]);
ada.doc.getText("content").insert(0, "Hello");
await ada.provider.whenSaved();
createOutbox(ada).add("Hi");
const said = await heard;
while (bob.doc.getText("content").toString() !== "Hello") await new Promise((resolve) => setTimeout(resolve, 10));
const reply = await bob.socket.emitWithAck("send-message", { documentId, id: "", text: "" });
console.log(JSON.stringify({ status, said, code: reply.ok || reply.error.code }));
process.exit(0);
`;

describe("the client as a package", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const server = useServer("node");
  let built = "";

  function run(command: string, args: string[], env: Record<string, string> = {}, cwd = folder): string {
    const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"]}`;
    const done = spawnSync(command, args, {
      cwd,
      encoding: "utf8",
      env: { ...process.env, PATH: path, ...env },
    });
    assert.equal(done.status, 0, done.stdout + done.stderr);
    return done.stdout;
  }

  before(() => {
    built = run("npm", ["run", "build:client"], {}, root);
    const [{ filename = "" } = {}] = JSON.parse(
      run("npm", ["pack", "--json", "--pack-destination", folder], {}, join(root, "dist/client")),
    ) as { filename: string }[];
    writeFileSync(join(folder, "package.json"), '{ "name": "app", "type": "module", "private": true }');
    run("npm", [
      "install",
      "--no-audit",
      "--no-fund",
      "--prefer-offline",
      join(folder, filename),
      "socket.io-client",
      "yjs",
      "y-protocols",
      "@types/node",
    ]);
  });

  test("is small", () => {
    const [, kilobytes = ""] = /([\d.]+) KB in a browser/.exec(built) ?? [];
    assert.ok(Number(kilobytes) > 1 && Number(kilobytes) < 4, built);
  });

  test("brings no server, and one Yjs", () => {
    const { dependencies } = JSON.parse(
      readFileSync(join(folder, "node_modules/trimaran/package.json"), "utf8"),
    ) as { dependencies: object };
    assert.deepEqual(Object.keys(dependencies), ["lib0", "valibot"]);
    const files = readdirSync(join(folder, "node_modules/trimaran"));
    const scripts = files.filter((file) => file.endsWith(".js"));
    const others = files.filter((file) => !/\.js(\.map)?$/.test(file));
    assert.deepEqual(others.toSorted(), ["LICENSE", "README.md", "package.json", "types"]);
    for (const entry of ["index.js", "chat.js", "documents.js"]) assert.ok(scripts.includes(entry), entry);
    for (const script of scripts)
      assert.doesNotMatch(
        readFileSync(join(folder, "node_modules/trimaran", script), "utf8"),
        /valibot|redis/,
      );
  });

  test("has types that stand alone", () => {
    mkdirSync(join(folder, "src"), { recursive: true });
    writeFileSync(join(folder, "src/app.ts"), program);
    const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--types", "node"];
    run("tsc", [...options, "src/app.ts"]);
    writeFileSync(join(folder, "src/wrong.ts"), program.replace('text: ""', "text: 1"));
    assert.throws(() => run("tsc", [...options, "src/wrong.ts"]), /not assignable to type 'string'/);
  });

  for (const runtime of runtimes) {
    test(`works on ${runtime}`, () => {
      writeFileSync(join(folder, `app-${runtime}.ts`), program);
      const args = { node: [], bun: [], deno: ["run", "--allow-all", "--no-check"] }[runtime];
      const output = run(runtimeCommand(runtime), [...args, `app-${runtime}.ts`], {
        SERVER: server().url,
        RUNTIME: runtime,
      });
      assert.deepEqual(JSON.parse(output), { status: "connecting", said: "Ada: Hi", code: "invalid" });
    });
  }
});
