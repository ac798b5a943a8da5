import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as v from "valibot";
import { withApp } from "../../../docs/generate/describe-app.ts";
import { defineContract } from "../../../src/platform/contract/define.ts";
import { defineFeature } from "../../../src/platform/feature.ts";

const drawing = defineContract("drawing", {
  events: {
    draw: {
      summary: "Draws a line.",
      payload: { points: v.array(v.tuple([v.number(), v.number()])) },
      reply: { lines: v.array(v.object({ width: v.number() })) },
      room: "joined",
    },
  },
  pushes: {
    drawn: { summary: "A line.", payload: { width: v.number() }, room: true, recover: true },
    widths: { summary: "All widths.", payload: v.array(v.number()), recover: false },
  },
});
const feature = defineFeature({
  contract: drawing,
  create: () => ({ handlers: { draw: () => ({ lines: [] }) } }),
});

describe("the reference's page", () => {
  const read = () =>
    withApp(
      async ({ http }) => (await http.request("/docs", {}, { remoteAddress: undefined })).text(),
      [feature],
    );

  test("has the events and pushes of each feature together", async () => {
    const page = await read();
    const main = page.slice(page.indexOf("<main"));
    const headings = [...main.matchAll(/<h[23][^>]*>\s*(?:<code>)?([\w-]+)/g)].map(([, text]) => text);
    assert.deepEqual(headings.slice(headings.indexOf("drawing"), headings.indexOf("HTTP")), [
      "drawing",
      "draw",
      "drawn",
      "widths",
    ]);
    assert.ok(headings.indexOf("platform") < headings.indexOf("join-document"));
    assert.ok(headings.indexOf("join-document") < headings.indexOf("drawing"));
  });

  test("has types and examples of lists and objects, and no word of another format", async () => {
    const page = await read();
    assert.ok(page.includes("{ width: number }[]"));
    assert.ok(page.includes("<code>number[]</code>"), "a payload that is no object");
    assert.ok(page.includes("{ documentId: &quot;welcome&quot;, points: [[1, 1]] }"));
    assert.ok(!page.includes("<code>receive</code>"));
  });
});
