import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { build } from "esbuild";
import { Hono } from "hono";
import { type Usage, createUsage, readOptions, readPort } from "../deploy/local/cli.ts";
import { freePort } from "../deploy/local/free-port.ts";
import { start } from "../deploy/local/process.ts";
import { root, runtimeCommand, startReplica } from "../deploy/local/replica.ts";
import { listExamples } from "./list.ts";

const examples = listExamples();
const width = Math.max(...examples.map(({ name }) => name.length)) + 3;
const help = `Runs an example, with a server of its own, until Ctrl-C.

  npm run example -- NAME [options]

${examples.map(({ name, about }) => `  ${name.padEnd(width)}${about}`).join("\n")}

  --port N       the page's port (default 5173; 0 is a free one)
  --dir FOLDER   where its server keeps its data (default: data)
  --server URL   a server that is there. It must list a page's origin in CLIENT_ORIGIN; a program takes one of its
                 API_KEYS from the variable TRIMARAN_KEY
  --help         this text`;

const usage: Usage = createUsage(help);
const args = process.argv.slice(2);
const name = args[0]?.startsWith("-") ? "" : (args.shift() ?? "");
const options = readOptions(
  help,
  {
    port: { type: "string", default: "5173" },
    dir: { type: "string", default: join(root, "data") },
    server: { type: "string" },
  },
  args,
);
const example = examples.find((each) => each.name === name) ?? usage(`there is no example "${name}"`);

const port = readPort(usage, "--port", options.port) || (await freePort());
const origin = `http://localhost:${port}`;
const key = (options.server && process.env["TRIMARAN_KEY"]) || randomUUID();
const own = options.server
  ? undefined
  : await startReplica({
      runtime: "node",
      env: {
        CLIENT_ORIGIN: origin,
        API_KEYS: key,
        DATA_FILE: join(options.dir, "examples.sqlite"),
      },
    });
const server = options.server ?? own?.url ?? "";

const folder = join(root, example.folder);
if (!example.isPage) {
  const program = join(folder, "main.ts");
  const env = { TRIMARAN_URL: server, TRIMARAN_KEY: key };
  const child = await start({ command: runtimeCommand("node"), args: [program], env });
  const { code } = await child.exited;
  console.log(child.output());
  await own?.process.stop();
  process.exit(code ?? 1);
}

const app = new Hono();
app.get("/", async (c) => c.html(await readFile(join(folder, "index.html"), "utf8")));
// Bundled anew for every visit: change the example, and reload.
app.get("/main.js", async (c) => {
  const { outputFiles } = await build({
    entryPoints: [join(folder, "main.ts")],
    bundle: true,
    format: "esm",
    target: "es2022",
    define: { SERVER: JSON.stringify(server) },
    write: false,
    logLevel: "silent",
  });
  return c.body(outputFiles[0]?.text ?? "", 200, { "content-type": "text/javascript; charset=utf-8" });
});
app.get("/style.css", async (c) =>
  c.body(await readFile(join(root, "examples/style.css"), "utf8"), 200, {
    "content-type": "text/css",
  }),
);
serve({ fetch: app.fetch, port, hostname: "localhost" }, () => {
  console.log(`${name}: open ${origin} in two windows (server: ${server}). Ctrl-C stops it.`);
});
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void Promise.resolve(own?.process.stop()).then(() => process.exit(0)));
