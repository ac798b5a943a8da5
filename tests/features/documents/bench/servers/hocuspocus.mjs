import { existsSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { Redis } from "@hocuspocus/extension-redis";
import { Server } from "@hocuspocus/server";
import * as Y from "yjs";
import { serveCommands } from "../../../../support/commands.ts";

/*
 * Hocuspocus as its documentation shows it. With REDIS_URL it is one of several; with STORE_FILE it keeps
 * its document there, with the two hooks for that. Plain JavaScript, as it is only installed for the
 * benchmark, and the project's types must hold without it.
 */

const { REDIS_URL: redisUrl, STORE_FILE: file } = process.env;

/** What is stored goes beside it first: a file that is there is a whole one. */
const store = file && {
  async onLoadDocument({ document }) {
    if (existsSync(file)) Y.applyUpdate(document, readFileSync(file));
  },
  async onStoreDocument({ document }) {
    await writeFile(`${file}.new`, Y.encodeStateAsUpdate(document));
    await rename(`${file}.new`, file);
  },
};

function redis(url) {
  const { hostname, port } = new URL(url);
  return new Redis({ host: hostname, port: Number(port) });
}

process.on("SIGTERM", () => process.exit(0));
const server = new Server({
  address: "127.0.0.1",
  port: 0,
  quiet: true,
  stopOnSignals: false,
  extensions: redisUrl ? [redis(redisUrl)] : [],
  ...store,
});
await server.listen();
serveCommands({
  port: () => server.address.port,
  connections: () => server.hocuspocus.getConnectionsCount(),
  documents: () => server.hocuspocus.getDocumentsCount(),
});
