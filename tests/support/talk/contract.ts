import * as v from "valibot";
import { defineContract } from "../../../src/platform/contract/define.ts";
import { bytes, wellFormed } from "../../../src/platform/contract/values.ts";

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(64), wellFormed);
const text = v.pipe(v.string(), v.minLength(1), v.maxLength(4000), wellFormed);

/** What tests of the platform speak, so that they need no feature of the app: one event and push of each kind. */
export const talk = defineContract("talk", {
  events: {
    say: {
      summary: "Says something to all members of a room, once for each `id`.",
      payload: { id, text },
      reply: {},
      room: "joined",
      needs: "write",
    },
    put: {
      summary: "Sends bytes to the other members of a room.",
      payload: { data: bytes },
      reply: { size: v.number() },
      room: "joined",
      needs: "write",
    },
    point: {
      summary: "Points somewhere; the next one makes up for a lost one.",
      payload: { at: v.number() },
      room: "joined",
      needs: "read",
      order: "lossy",
    },
    give: {
      summary: "Gives bytes back: a large answer.",
      payload: { size: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 20)) },
      reply: { data: bytes },
    },
    ask: { summary: "Asks something that concerns no room.", payload: {}, reply: { you: v.string() } },
  },
  pushes: {
    said: {
      summary: "A member said something; the sender gets it, too.",
      payload: { id, from: v.string(), text },
      room: true,
      recover: true,
      backends: true,
    },
    "put-here": { summary: "A member sent bytes.", payload: { data: bytes }, room: true, recover: true },
    pointed: {
      summary: "A member points somewhere.",
      payload: { from: v.string(), at: v.number() },
      room: true,
      recover: false,
    },
  },
});
