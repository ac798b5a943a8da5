import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pino } from "pino";
import * as v from "valibot";
import { waitFor } from "../../deploy/local/process.ts";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { defineContract } from "../../src/platform/contract/define.ts";
import { type RoomId, asRoomId } from "../../src/platform/contract/room-id.ts";
import { defineFeature } from "../../src/platform/feature.ts";
import type { Rooms } from "../../src/platform/gateway/handlers.ts";
import type { RedisLink } from "../../src/platform/redis/connection-supervisor.ts";
import { selectRuntime } from "../../src/platform/runtime/select.ts";
import { temporaryFolder } from "../support/folder.ts";
import { newId } from "../support/sockets.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const marks = defineContract("marks", {
  pushes: {
    marked: { summary: "A mark.", payload: { text: v.string() }, room: true, recover: true },
    unmarked: { summary: "No mark any more.", payload: { text: v.string() }, room: true, recover: true },
  },
});

/** One replica, with what its feature was given and called with. */
interface Replica {
  rooms: Rooms<typeof marks>;
  link: RedisLink | undefined;
  remote: [room: RoomId, text: string][];
  /** The feature's listener of Redis' return. */
  onReturn: (briefly: boolean) => Promise<void>;
}

describe("a feature's services over Redis", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const apps: ReturnType<typeof createApp>[] = [];
  let redis: LocalRedis;

  async function startReplica(
    name: string,
    onReturn: Replica["onReturn"] = async () => {},
  ): Promise<Replica> {
    const replica: Partial<Replica> & Pick<Replica, "remote"> = { remote: [], onReturn };
    const feature = defineFeature({
      contract: marks,
      create({ rooms, shared }) {
        Object.assign(replica, { rooms, link: shared?.link });
        rooms.onRemote("marked", (room, { text }) => void replica.remote.push([room, text]));
        shared?.onReturn((briefly) => replica.onReturn?.(briefly));
        return {};
      },
    });
    const config = readConfig({
      HOST: "127.0.0.1",
      PORT: "0",
      DRAIN_MS: "0",
      REDIS_URL: redis.url,
      DATA_FILE: join(folder, `${name}.sqlite`),
    });
    const log = pino({ level: "silent" });
    const app = createApp(config, { log, runtime: await selectRuntime(config), features: [feature] });
    apps.push(app);
    await app.listen();
    return replica as Replica;
  }

  before(async () => {
    redis = await startRedis({ dir: folder });
  });
  after(async () => {
    for (const app of apps) await app.close();
    await redis?.process.stop();
  });

  test("a push of the contract comes from other replicas, with its room; not from this one, and no other push", async () => {
    const [one, two] = [await startReplica("one"), await startReplica("two")];
    const room = asRoomId(newId());
    await one.rooms.publish(room, "unmarked", { text: "a" });
    await one.rooms.publish(room, "marked", { text: "b" });
    await two.rooms.publish(room, "marked", { text: "c" });
    await waitFor("each has the other's", () => one.remote.length + two.remote.length >= 2);
    assert.deepEqual([one.remote, two.remote], [[[room, "c"]], [[room, "b"]]]);
  });

  test("a listener of Redis' return is called at the start and after data was lost, and again until it succeeds", async () => {
    const succeeded: boolean[] = [];
    let [running, mostAtOnce, whole, mayFail] = [0, 0, 0, false];
    const replica = await startReplica("three", async (briefly) => {
      running += 1;
      mostAtOnce = Math.max(mostAtOnce, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (!briefly) whole += 1;
      if (mayFail && whole < 3) throw new Error("not yet");
      succeeded.push(briefly);
    });
    await waitFor("it succeeded at the start", () => succeeded.length > 0);
    assert.equal(succeeded[0], false, "nothing is known of the data at the start");

    await waitFor("Redis is up", () => replica.link?.isUp());
    [succeeded.length, whole, mayFail] = [0, 0, true];
    await replica.link?.run((client) => client.flushAll());
    await waitFor("it succeeded after the data was lost", () => succeeded.length > 0);
    assert.equal(succeeded[0], false, "after two failures it still has to bring back everything");
    assert.ok(whole >= 3);
    assert.equal(mostAtOnce, 1);
  });
});
