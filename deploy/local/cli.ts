import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** Ends the process after saying what is wrong with how it was called. */
export type Usage = (problem: string) => never;

export function createUsage(help: string): Usage {
  return (problem) => {
    console.error(`${problem}\n\n${help}`);
    process.exit(1);
  };
}

/** The options of the command line, or of what is left of it; prints the help and ends the process if that was asked for. */
export function readOptions<const T extends ParseArgsOptionsConfig>(
  help: string,
  options: T,
  args: string[] = process.argv.slice(2),
) {
  const withHelp = { ...options, help: { type: "boolean", short: "h", default: false } } as const;
  try {
    const { values } = parseArgs({ args, options: withHelp });
    if (!(values as { help: boolean }).help) return values;
  } catch (error) {
    createUsage(help)((error as Error).message);
  }
  console.log(help);
  process.exit(0);
}

/** A port as somebody typed it; 0 is any that is free. */
export function readPort(usage: Usage, option: string, text: string): number {
  const port = Number(text);
  if (text === "" || !Number.isInteger(port) || port < 0 || port > 65535)
    usage(`${option} ${text}: expected 0 to 65535`);
  return port;
}
