import { defineFeature } from "../../../src/platform/feature.ts";
import { talk } from "./contract.ts";
import { talkRoutes } from "./routes.ts";

export const talkFeature = defineFeature({
  contract: talk,
  create: ({ rooms, once, access, answers }) => ({
    routes: talkRoutes(access, answers),
    handlers: {
      async say({ name, room }, { id, text }) {
        const key = `talk:${room}:${id}`;
        await once.do(key, async () => {
          await rooms.publish(room, "said", { id, from: name, text }, { once: key });
        });
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
