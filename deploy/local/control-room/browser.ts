import { spawn } from "node:child_process";

/** Shows a page in the person's browser, if there is one; the address is printed in any case. */
export function showInBrowser(url: string): void {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open"]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", ""]
        : ["xdg-open"];
  if (command === undefined) return;
  const child = spawn(command, [...args, url], { stdio: "ignore", detached: true });
  // No such program: a server without a desktop.
  child.on("error", () => undefined);
  child.unref();
}

/** Only for somebody who sits there: not in CI, not for a script, not over a pipe. */
export function isSomebodyThere(): boolean {
  return Boolean(process.stdin.isTTY && process.stdout.isTTY && !process.env["CI"]);
}
