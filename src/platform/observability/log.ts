import { type Logger, pino } from "pino";
import { traceFields } from "./tracing.ts";

export type { Logger };

export interface LogOptions {
  level: string;
  /** `pretty` is for people at a terminal, `json` for machines: one object a line. */
  format: "pretty" | "json";
}

/** A structured logger: object first, then the message. Never log document content or secrets. */
export async function createLogger({ level, format }: LogOptions): Promise<Logger> {
  const options = { level, mixin: traceFields };
  if (format === "json") return pino(options);
  // Only a terminal pays for loading the printer.
  const { default: pretty } = await import("pino-pretty");
  return pino(options, pretty({ colorize: true, ignore: "pid,hostname,node", sync: true }));
}
