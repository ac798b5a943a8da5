import { join } from "node:path";
import { after } from "node:test";
import type { Page } from "playwright-core";
import { freePort } from "../../deploy/local/free-port.ts";
import { type Process, start, waitWhileRunning } from "../../deploy/local/process.ts";
import {
  type Replica,
  type RuntimeName,
  root,
  runtimeCommand,
  startReplica,
} from "../../deploy/local/replica.ts";
import { useBrowser } from "./browser.ts";
import { temporaryFolder } from "./folder.ts";

const key = "k".repeat(32);
const flags = { node: [], bun: [], deno: ["run", "--allow-all", "--no-check"] };

/** Examples, started by their launcher, and a server for them. */
export function useExamples() {
  const folder = temporaryFolder();
  const browse = useBrowser();
  const running: Process[] = [];
  let server: Replica | undefined;
  after(async () => {
    await Promise.all(running.map((each) => each.stop()));
    await server?.process.stop();
  });

  /** The server, for a page of this port; started again it has its data. */
  async function serverFor(port: number, at = 0): Promise<Replica> {
    await server?.process.stop();
    const env = {
      CLIENT_ORIGIN: `http://localhost:${port}`,
      API_KEYS: key,
      DATA_FILE: join(folder, "data.sqlite"),
      PORT: String(at),
    };
    return (server = await startReplica({ runtime: "node", env }));
  }

  /** The launcher; not through npm, which does not pass a signal on. */
  async function launch(...args: string[]): Promise<Process> {
    // Not among the data of the developer who runs the tests.
    const command = [join(root, "examples/run.ts"), ...args, "--dir", folder];
    const example = await start({ command: runtimeCommand("node"), args: command });
    running.push(example);
    return example;
  }

  /** A page in two windows. @param ready what its status says when it is. */
  async function open(name: string, ready: RegExp) {
    const port = await freePort();
    const { url } = await serverFor(port);
    const example = await launch(name, "--port", String(port), "--server", url);
    await waitWhileRunning(example, "it says where", () => example.output().includes("open http"));
    const [one, two] = [await browse(`http://localhost:${port}`), await browse(`http://localhost:${port}`)];
    const wait = (page: Page) =>
      page.waitForFunction(`${ready}.test(document.querySelector("#status").textContent)`);
    await Promise.all([wait(one.page), wait(two.page)]);
    return {
      pages: [one.page, two.page] as const,
      errors: one.errors,
      stop: () => server?.process.stop(),
      /** Starts the server again, at its address. */
      resume: (at = server?.port) => serverFor(port, at),
    };
  }

  /** Runs a program to its end. @param file relative to the repository. */
  async function run(runtime: RuntimeName, file: string, args: string[], url: string, withKey = key) {
    const child = await start({
      command: runtimeCommand(runtime),
      args: [...flags[runtime], join(root, file), ...args],
      env: { TRIMARAN_URL: url, TRIMARAN_KEY: withKey },
    });
    const { code } = await child.exited;
    return { code, output: child.output() };
  }

  return { key, launch, open, run, server: async () => serverFor(await freePort()) };
}
