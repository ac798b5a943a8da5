import { parentPort } from "node:worker_threads";
import { documentToJson } from "./json.ts";

/* The thread in which documents become JSON; see json-reader.ts. */

parentPort?.on("message", (update: Uint8Array) => {
  try {
    parentPort?.postMessage({ json: JSON.stringify(documentToJson(update), toJson) });
  } catch {
    // Yjs takes what it can't show: values nested past what recursion takes, content that contradicts itself.
    parentPort?.postMessage({});
  }
});

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}
