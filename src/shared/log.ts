import { type Logger, pino } from "pino";

export type { Logger };

export interface LogOptions {
  level: string;
  /** `pretty` is for people at a terminal, `json` for machines: one object a line. */
  format: "pretty" | "json";
}

/** A structured logger: object first, then the message. Never log document content or secrets. */
export async function createLogger({ level, format }: LogOptions): Promise<Logger> {
  if (format === "json") return pino({ level });
  // Only a terminal pays for loading the printer.
  const { default: pretty } = await import("pino-pretty");
  return pino({ level }, pretty({ colorize: true, ignore: "pid,hostname,node", sync: true }));
}
