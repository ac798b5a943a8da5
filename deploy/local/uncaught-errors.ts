import { appendFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

const keptOutput = 64 * 1024;
const keptStack = 4096;

/**
 * The last line that Node, Bun or Deno prints when an error that nothing caught ends a process, and the line that the
 * server logs for one (src/platform/observability/uncaught.ts) in either format.
 */
const uncaughtMark =
  /^(?:Node\.js v\d+\.\d+\.\d+|Bun v\d+\.\d+\.\d+ \(.*\)|error: Uncaught .*|\{.*"msg":"an error that nothing caught"\}|\[.*\] ERROR: an error that nothing caught)$/m;

/**
 * Adds errors that nothing caught, with their stacks, to the file that UNCAUGHT_ERRORS_FILE names. The test command
 * sets that variable, and fails the step when the file is not empty.
 *
 * @param command the process, as the file names it.
 * @returns what to call with each part of the process' output; nothing if the variable is not set.
 */
export function watchForUncaught(command: string): ((text: string) => void) | undefined {
  const file = process.env["UNCAUGHT_ERRORS_FILE"];
  if (file === undefined) return undefined;
  let recent = "";
  let isStackPending = false;
  return (text) => {
    const plain = stripVTControlCharacters(text);
    // Deno prints the stack after the mark, possibly in a part of its own.
    if (isStackPending) appendFileSync(file, `${plain.slice(0, keptStack)}\n`);
    isStackPending = false;
    recent = (recent + plain).slice(-keptOutput);
    const found = uncaughtMark.exec(recent);
    if (!found) return;
    const report = recent.slice(Math.max(0, found.index - keptStack), found.index + keptStack);
    appendFileSync(file, `${command}\n${report}\n`);
    isStackPending = true;
    recent = "";
  };
}
