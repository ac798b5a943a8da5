import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { defineContract } from "../../../src/platform/contract/define.ts";
import { defineFeature } from "../../../src/platform/feature.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { prepareApp } from "../../support/logged-app.ts";

describe("a part of the page that can't be bundled", () => {
  const folder = temporaryFolder();

  function featureOf(name: string, source?: string) {
    const file = join(folder, `${name}.ts`);
    if (source !== undefined) writeFileSync(file, source);
    return defineFeature({
      contract: defineContract(name, {}),
      page: pathToFileURL(file),
      create: () => ({}),
    });
  }

  test("is logged once by its feature's name; the page has the other parts, and the reference its styles", async () => {
    const features = [
      featureOf("nowhere"),
      featureOf("sound", 'export const part = { noun: "sound part" };'),
      featureOf("without-part", "export const other = 1;"),
      featureOf(
        "for-node",
        'import { readFileSync } from "node:fs";\nexport const part = { mount: readFileSync };',
      ),
    ];
    const { lines, create } = await prepareApp(features);
    const app = create();
    const ask = async (path: string) => {
      const response = await app.http.request(path, {}, { remoteAddress: undefined });
      return { status: response.status, text: await response.text() };
    };
    for (let time = 1; time <= 2; time += 1)
      for (const path of ["/", "/d/room", "/assets/docs.css", "/assets/page.css", "/worker.js"])
        assert.equal((await ask(path)).status, 200, path);
    assert.match((await ask("/assets/page.js")).text, /sound part/);
    assert.equal((await ask("/assets/constructor")).status, 404);
    assert.deepEqual(
      lines.map(({ feature }) => feature),
      ["nowhere", "without-part", "for-node"],
    );
    assert.match(JSON.stringify(lines), /Could not resolve.*No matching export.*node:fs/s);
    await app.close();
  });
});
