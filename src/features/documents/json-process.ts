import { documentToJson } from "./json.ts";

/* The process in which documents become JSON; see json-reader.ts. Each way a length of four bytes, then so
 * many: of an update, or of JSON. No JSON at all stands for a document that can't be shown; the first time, for
 * being ready. */

process.stdout.write(Buffer.alloc(4));

let waiting = Buffer.alloc(0);

process.stdin.on("data", (chunk: Buffer) => {
  waiting = Buffer.concat([waiting, chunk]);
  while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUInt32BE(0)) {
    const end = 4 + waiting.readUInt32BE(0);
    const json = Buffer.from(convert(waiting.subarray(4, end)));
    waiting = waiting.subarray(end);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(json.length);
    process.stdout.write(Buffer.concat([header, json]));
  }
});
process.stdin.on("end", () => process.exit(0));

function convert(update: Uint8Array): string {
  try {
    return JSON.stringify(documentToJson(update), toJson);
  } catch {
    // Yjs takes what it can't show: values nested past what recursion takes, content that contradicts itself.
    return "";
  }
}

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}
