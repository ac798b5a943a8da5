import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { exampleSettings } from "../../docs/generate/example-settings.ts";
import { readConfig, withFeatures } from "../../src/config.ts";
import * as listed from "../../src/features.ts";
import { listFeatures } from "../../src/platform/contract/define.ts";

const features = listFeatures(listed);

const text = readFileSync(new URL("../../.env.example", import.meta.url), "utf8");
const variables = text.split("\n").flatMap((line) => {
  const match = /^(#?)([A-Z0-9_]+)=(.*)$/.exec(line);
  return match ? [{ set: match[1] === "", name: match[2] ?? "", value: match[3] ?? "" }] : [];
});

describe(".env.example", () => {
  test("its values are the defaults", () => {
    const shown = Object.fromEntries(
      variables.filter(({ set }) => set).map(({ name, value }) => [name, value]),
    );
    const required = exampleSettings(features);
    assert.deepEqual(readConfig({ ...shown, ...required }), readConfig(required));
  });

  test("each of its variables is read, each variable read is in it", () => {
    assert.deepEqual(
      variables.map(({ name }) => name).toSorted(),
      Object.keys(withFeatures(features).entries).toSorted(),
    );
  });
});
