import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Parser } from "@asyncapi/parser";
import * as v from "valibot";
import { composeContracts } from "../../../src/platform/contract/compose.ts";
import { defineContract } from "../../../src/platform/contract/define.ts";
import { describeEvents } from "../../../src/platform/http/asyncapi.ts";
import { referenceRoutes } from "../../../src/platform/http/reference.ts";
import { platform } from "../../../src/platform/gateway/contract.ts";

const summary = "Is there for a test.";
const push = { summary, payload: { text: v.string() } };
const asyncApi = describeEvents(
  composeContracts([
    platform,
    defineContract("notes", {
      pushes: {
        kept: { ...push, room: true, recover: true, backends: true },
        shown: { ...push, room: true, recover: false },
      },
    }),
    defineContract("lobby", {
      namespace: "/lobby",
      events: { wave: { summary, payload: {}, reply: {} } },
      pushes: { waved: { ...push, recover: true } },
    }),
  ]),
);

describe("the description of events", () => {
  test("says which pushes are recovered, and which backends may publish", async () => {
    const describedAs = (name: string) => asyncApi.operations[name]?.description ?? "";
    assert.match(describedAs("kept"), /come back\. Backends may publish/);
    assert.match(describedAs("shown"), /Not sent again\.$/);
    const page = await referenceRoutes(
      () => asyncApi,
      async () => ({ paths: {} }) as never,
    ).request("/");
    const text = await page.text();
    for (const name of ["kept", "shown", "waved"]) assert.ok(text.includes(describedAs(name)), name);
    assert.match(text, /Payload of waved/);
  });

  test("has a channel for each namespace, with its address", async () => {
    const { events, "events-lobby": lobby } = asyncApi.channels;
    assert.deepEqual([events?.address, lobby?.address], ["/", "/lobby"]);
    assert.deepEqual(Object.keys(lobby?.messages ?? {}), ["wave", "wave.reply", "waved"]);
    assert.ok(events?.messages["kept"] && !events.messages["waved"]);
    const { diagnostics } = await new Parser().parse(JSON.stringify(asyncApi));
    assert.deepEqual(
      diagnostics.filter(({ severity }) => severity <= 1),
      [],
    );
  });
});
