import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as v from "valibot";
import { composeContracts } from "../../../src/platform/contract/compose.ts";
import {
  type Contract,
  type ContractDefinition,
  defineContract,
} from "../../../src/platform/contract/define.ts";
import { handlersOf } from "../../../src/platform/feature.ts";
import { platform } from "../../../src/platform/gateway/contract.ts";
import { StartupError } from "../../../src/platform/util/errors.ts";

const summary = "Is there for a test.";
const event = { summary, payload: {} };
const push = { summary, payload: {}, recover: false };
const join = { summary, payload: {}, reply: {} };
/** What types refuse, as a program without types has it. */
const polls = (definition: object, name = "polls") => ({ name, ...definition }) as Contract;

function refuses(definition: object, message: RegExp, name?: string): void {
  assert.throws(
    () => composeContracts([platform, polls(definition, name)]),
    (error) => {
      assert.ok(error instanceof StartupError, String(error));
      assert.match(error.message, message);
      return true;
    },
  );
}
const takes = (definition: ContractDefinition) => composeContracts([platform, polls(definition)]);

describe("a contract that an app does not start with", () => {
  test("has a field that is none, and the nearest is named", () => {
    refuses(
      { events: { vote: { ...event, room: "joined", need: "write" } } },
      /polls: event vote has an unknown field "need"; do you mean "needs"\?/,
    );
    refuses({ pushes: { voted: { ...push, backend: true } } }, /push voted .*"backend".*"backends"\?/);
    refuses({ join: { ...join, replies: {} } }, /polls: join .*"replies".*"reply"\?/);
    refuses({ event: {} }, /polls: the contract .*"event".*"events"\?/);
    defineContract("polls", {
      events: {
        vote: {
          ...event,
          // @ts-expect-error: no such field
          need: "write",
        },
      },
    });
  });

  test("lacks a field, or has one of another kind", () => {
    refuses({ pushes: { voted: { summary, payload: {} } } }, /push voted: recover/);
    refuses({ events: { vote: { ...event, room: "join" } } }, /event vote: room/);
    refuses({ events: { vote: { ...event, payload: { choice: "text" } } } }, /event vote: payload.choice/);
    const later = v.pipeAsync(
      v.string(),
      v.checkAsync(async () => true),
    );
    refuses({ events: { vote: { ...event, payload: { later } } } }, /payload.later: .*none that is async/);
  });

  test("needs a permission where there is no room to have it for", () => {
    refuses({ events: { vote: { ...event, needs: "write" } } }, /event vote needs .* but has no room/);
    const vote = { ...event, needs: "write" } as const;
    // @ts-expect-error: `needs` goes with `room`
    defineContract("polls", { events: { vote } });
    takes({ events: { vote: { ...event, needs: "write", room: "joined" } } });
  });

  test("has a name that is reserved, or can't be one", () => {
    for (const name of ["connect", "disconnecting", "error", "newListener"]) {
      refuses({ events: { [name]: event } }, new RegExp(`polls: event "${name}": Socket.IO reserves`));
      refuses({ pushes: { [name]: push } }, new RegExp(`polls: push "${name}": Socket.IO reserves`));
    }
    for (const name of ["mode", "offset", "resync", "error-message"])
      refuses({ pushes: { [name]: push } }, new RegExp(`platform and polls both define "${name}"`));
    for (const name of ["vote.reply", "do / ~x", "", "1st", "__proto__", "constructor"]) {
      refuses({ events: { [name]: event } }, /polls: event ".*": expected a name/);
      refuses({ pushes: { [name]: push } }, /polls: push ".*": expected a name/);
    }
    for (const name of ["__proto__", "constructor", "my feature", ""])
      refuses({}, /Feature ".*": expected a name/, name);
    refuses({ events: { vote: { ...event, payload: { constructor: v.string() } } } }, /field "constructor"/);
    for (const field of ["ok", "error"]) {
      const reply = { [field]: v.optional(v.boolean()) };
      refuses(
        { events: { vote: { ...event, reply } } },
        new RegExp(`event vote: the reply has a field "${field}"`),
      );
      refuses({ join: { ...join, reply } }, new RegExp(`join: the reply has a field "${field}"`));
    }
  });

  test("is of a namespace that Socket.IO knows by another name, or that is not an app's", () => {
    for (const namespace of ["", "lobby", "/lobby?x=1", "//", "/lobby/", "/a b"])
      refuses({ namespace }, /polls: expected a namespace such as "\/lobby"/);
    refuses({ namespace: "/admin" }, /polls: the namespace \/admin is the Admin UI's/);
    takes({ namespace: "/lobby", events: { wave: event } });
    takes({ namespace: "/" });
  });

  test("lets backends publish where there is no room", () => {
    const news = { ...push, backends: true };
    refuses({ pushes: { news } }, /push news: backends publish to the members of a room/);
    refuses({ namespace: "/lobby", pushes: { news } }, /push news: backends/);
    refuses({ namespace: "/lobby", pushes: { news: { ...news, room: true } } }, /polls: rooms have members/);
    takes({ pushes: { news: { ...push, room: true, backends: true } } });
  });

  test("has a field of joining that clients must send, or that is the room's", () => {
    refuses({ join: { ...join, payload: { known: v.number() } } }, /join: the field "known" .* optional/);
    refuses({ join: { ...join, payload: { documentId: v.optional(v.string()) } } }, /"documentId"/);
    // @ts-expect-error: not optional
    defineContract("polls", { join: { ...join, payload: { known: v.number() } } });
    takes({ join: { ...join, payload: { known: v.optional(v.number()), at: v.nullish(v.string()) } } });
  });
});

describe("handlers", () => {
  const contract = defineContract("polls", { events: { vote: event } });
  const vote = () => undefined;

  test("are of the events of their own contract, and each event has one", () => {
    const all = handlersOf([{ contract, handlers: { vote } }]);
    assert.equal(all.get("vote"), vote);
    for (const [handlers, message] of [
      [{ vote, "join-document": vote }, /polls handles "join-document"/],
      [{ vote, constructor: vote }, /polls handles "constructor"/],
      [{}, /polls: the event vote has no handler/],
      [undefined, /polls: the event vote has no handler/],
      [{ vote: "no function" }, /polls: the event vote has no handler/],
    ] as const)
      assert.throws(
        () => handlersOf([{ contract, ...(handlers && { handlers }) }]),
        (error) => error instanceof StartupError && message.test(error.message),
      );
  });
});
