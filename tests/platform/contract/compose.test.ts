import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as v from "valibot";
import { composeContracts, isSoundPush, selfHealingPushes } from "../../../src/platform/contract/compose.ts";
import { defineContract } from "../../../src/platform/contract/define.ts";
import { composeApp, platform } from "../../../src/platform/gateway/contract.ts";
import { StartupError } from "../../../src/platform/util/errors.ts";

const polls = defineContract("polls", {
  join: {
    summary: "`known` says what the client has.",
    payload: { known: v.optional(v.number()) },
    reply: { polls: v.number() },
  },
  events: {
    vote: { summary: "Votes.", room: "joined", needs: "write", payload: { choice: v.string() }, reply: {} },
    wave: { summary: "Waves.", payload: {}, order: "lossy" },
  },
  pushes: {
    voted: { summary: "A member voted.", room: true, recover: true, payload: { choice: v.string() } },
    total: { summary: "How many votes there are.", recover: false, payload: v.number() },
    nothing: { summary: "Says only that.", recover: false, payload: v.null() },
    even: {
      summary: "Even numbers.",
      recover: false,
      payload: v.number(),
      check: (n: number) => n % 2 === 0,
    },
  },
});
const contract = composeContracts([platform, polls]);
const eventOf = (name: string) => contract.events.get(name) ?? assert.fail(name);

describe("contracts of features", () => {
  test("events of a room have its id on the wire, others have not", () => {
    assert.ok(v.is(eventOf("vote").schema, { documentId: "a", choice: "x" }));
    assert.ok(!v.is(eventOf("vote").schema, { choice: "x" }));
    assert.ok(!v.is(eventOf("vote").schema, { documentId: "a/b", choice: "x" }));
    assert.ok(v.is(eventOf("wave").schema, {}));
    assert.equal(eventOf("vote").order, "in-turn");
    assert.equal(eventOf("wave").order, "lossy");
  });

  test("a feature adds fields to joining", () => {
    const join = eventOf("join-document");
    assert.ok(v.is(join.schema, { documentId: "a", known: 1 }));
    assert.ok(v.is(join.schema, { documentId: "a" }));
    assert.ok(!v.is(join.schema, { documentId: "a", known: "1" }));
    assert.ok(join.reply && v.is(join.reply, { access: "read", polls: 2 }));
    assert.match(join.definition.summary, /^Becomes a member .*`known` says what the client has\.$/);
    const plain = composeContracts([platform]).events.get("join-document");
    assert.ok(plain && v.is(plain.schema, { documentId: "a" }));
  });

  test("what other replicas may publish is what a contract defines, of the shape that it defines", () => {
    const isSound = (name: string, payload: unknown) => isSoundPush(contract, name, payload, "/");
    assert.ok(isSound("voted", { documentId: "a", choice: "x" }));
    assert.ok(isSound("total", 3));
    assert.ok(isSound("nothing", null));
    assert.ok(!isSoundPush(contract, "total", 3, "/lobby"), "in the namespace of the contract alone");
    assert.ok(!isSound("offset", "1-0"), "each replica says it to its own clients");
    assert.ok(isSound("even", 2));
    for (const [name, payload] of [
      ["voted", { documentId: "a", choice: 1 }],
      ["voted", { choice: "x" }],
      ["voted", null],
      ["total", "3"],
      ["total", Number.NaN],
      ["nothing", {}],
      ["even", 3],
      ["vote", { documentId: "a", choice: "x" }],
      ["constructor", 1],
      ["__proto__", {}],
    ] as const)
      assert.ok(!isSound(name, payload), `${name} ${JSON.stringify(payload)}`);
  });

  test("pushes that are not recovered are told apart", () => {
    const healing = selfHealingPushes(contract);
    assert.ok(healing.has("total") && healing.has("mode") && !healing.has("voted"));
  });

  test("two features that define the same do not start, and both are named", () => {
    const other = defineContract("surveys", {
      pushes: { vote: { summary: "", recover: false, payload: {} } },
    });
    assert.throws(
      () => composeContracts([polls, other]),
      (error) => {
        assert.ok(error instanceof StartupError);
        assert.match(error.message, /polls and surveys both define "vote"/);
        return true;
      },
    );
    const feature = {
      contract: defineContract("mine", { events: { "join-document": { summary: "", payload: {} } } }),
    };
    assert.throws(() => composeApp([{ ...feature, create: undefined }]), /platform and mine both define/);
  });

  test("two features of one name, or with one field of joining, do not start; nor does an event with the room's field", () => {
    const join = (fields: object) => ({ summary: "", payload: {}, reply: {}, ...fields });
    const joining = (name: string, fields: object) => defineContract(name, { join: join(fields) });
    const field = { known: v.optional(v.number()) };
    for (const [contracts, message] of [
      [[polls, defineContract("polls", {})], /Two features have the name "polls"/],
      [[polls, joining("other", { payload: field })], /polls and other both define ".*known"/],
      [
        [joining("one", { reply: field }), joining("two", { reply: field })],
        /one and two both define ".*known"/,
      ],
      [
        [platform, joining("mine", { reply: { access: v.string() } })],
        /platform and mine both define ".*access"/,
      ],
      [
        [
          defineContract("mine", {
            events: { act: { summary: "", payload: { documentId: v.string() }, room: "joined" } },
          }),
        ],
        /mine: event act has a field "documentId"/,
      ],
    ] as const)
      assert.throws(
        () => composeContracts(contracts),
        (error) => error instanceof StartupError && message.test(error.message),
      );
  });

  test("a feature that uses rooms outside the namespace / does not start", () => {
    const event = { summary: "", payload: {}, room: "joined" as const };
    const push = { summary: "", payload: {}, room: true as const, recover: false };
    const join = { summary: "", payload: {}, reply: {} };
    for (const uses of [{ events: { event } }, { pushes: { push } }, { join }]) {
      assert.throws(
        () => composeContracts([defineContract("lobby", { namespace: "/lobby", ...uses })]),
        (error) => error instanceof StartupError && error.message.includes("lobby"),
      );
      composeContracts([defineContract("lobby", uses)]);
    }
  });
});
