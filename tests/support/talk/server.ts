import { defineFeature } from "../../../src/platform/feature.ts";
import { talk } from "./contract.ts";
import { talkRoutes } from "./routes.ts";

export const talkFeature = defineFeature({
  contract: talk,
  create: ({ rooms, access, answers }) => ({
    routes: talkRoutes(access, answers),
    handlers: {
      async say({ name, room }, { id, text }) {
        await rooms.publish(room, "said", { id, from: name, text }, { once: `talk/${room}:${id}` });
        return {};
      },
      async put({ socket, room }, { data }) {
        await rooms.publish(room, "put-here", { data }, { except: socket.id });
        return { size: data.length };
      },
      point({ name, room }, { at }) {
        rooms.pushHere(room, "pointed", { from: name, at });
      },
      give: (_sender, { size }) => ({ data: new Uint8Array(size) }),
      ask: ({ name }) => ({ you: name }),
    },
  }),
});
