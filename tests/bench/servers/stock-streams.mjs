import { createAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";
import { serveCommands } from "../../support/commands.ts";
import { driveServer } from "./drive.ts";
import { listen } from "./listen.mjs";

/* Socket.IO with its Redis Streams adapter, as that one's documentation shows it. */

const client = createClient({ url: process.env["REDIS_URL"] });
await client.connect();
const { io, port } = await listen({ adapter: createAdapter(client) });
serveCommands({ ...driveServer(io), port: () => port });
