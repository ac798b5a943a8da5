import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { serveCommands } from "../../support/commands.ts";
import { driveServer } from "./drive.ts";
import { listen } from "./listen.mjs";

/*
 * Socket.IO with its Redis adapter, as that one's documentation shows it. Plain JavaScript, as this adapter
 * is only installed for the benchmark, and the project's types must hold without it.
 */

const publisher = createClient({ url: process.env["REDIS_URL"] });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);
const { io, port } = await listen({ adapter: createAdapter(publisher, subscriber) });
serveCommands({ ...driveServer(io), port: () => port });
