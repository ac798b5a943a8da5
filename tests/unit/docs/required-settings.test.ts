import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as v from "valibot";
import { Hono } from "hono";
import { describeApp } from "../../../docs/generate/describe-app.ts";
import { withFeatureSettings } from "../../../docs/generate/env-example.ts";
import { createApp } from "../../../src/app.ts";
import { readConfig } from "../../../src/config.ts";
import { describeRoute, ok } from "../../../src/platform/http/describe.ts";
import type { HttpEnv } from "../../../src/platform/http/env.ts";
import { defineContract } from "../../../src/platform/contract/define.ts";
import { type Settings, defineFeature } from "../../../src/platform/feature.ts";
import { prepareApp } from "../../support/logged-app.ts";

const feature = (settings: Settings) =>
  defineFeature({
    contract: defineContract("polls", {}),
    settings,
    create: () => ({
      routes: new Hono<HttpEnv>().get(
        "/polls",
        describeRoute({ summary: "All polls", responses: ok("They are there") }),
        (c) => c.text(""),
      ),
    }),
  });
const key = v.pipe(v.string(), v.minLength(8));

describe("a feature with a setting that is required", () => {
  test("is described: with a value of its schema's examples, or with any text", async () => {
    for (const settings of [
      { POLLS_NAME: v.string() },
      { POLLS_KEY: v.pipe(key, v.examples(["short", "long enough"])) },
    ] as Settings[])
      assert.ok("/api/polls" in (await describeApp([feature(settings)])).paths);
    await assert.rejects(
      describeApp([feature({ POLLS_KEY: key })]),
      /POLLS_KEY of the feature polls is required, and has no example that fits.*v\.examples/,
    );
  });

  test("is in .env.example, without a value", () => {
    const mark =
      "# Settings of features. `npm run docs` writes this last part from src/features/*/settings.ts.\n";
    const settings = {
      POLLS_KEY: v.pipe(key, v.description("key of the polls")),
      MAX_POLLS: v.optional(v.pipe(v.string(), v.description("polls of a room")), "9"),
      POLLS_URL: v.optional(v.string()),
    };
    const lines = withFeatureSettings(`PORT=3000\n${mark}`, [feature(settings)]).split("\n");
    assert.deepEqual(lines.slice(2, -1), [
      "# required: key of the polls",
      "#POLLS_KEY=",
      "# polls of a room",
      "MAX_POLLS=9",
      "#POLLS_URL=",
    ]);
  });

  test("is refused by createApp where the configuration was read without it", async () => {
    const listed = [feature({ MAX_POLLS: v.optional(v.string(), "9") })];
    const { parts } = await prepareApp(listed);
    assert.throws(
      () => createApp(readConfig({ DATA_FILE: ":memory:" }, []), parts),
      /Feature polls: its settings were not read\. .*readConfig\(env, features\)/,
    );
  });
});
