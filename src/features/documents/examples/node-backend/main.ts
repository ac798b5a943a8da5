// A program that writes into a document over HTTP: it reads the document, and adds a line.
import * as Y from "yjs";

/* A backend, which is no client. Runs on Node, Bun and Deno. */

const url = process.env["TRIMARAN_URL"] ?? "http://localhost:3000";
const key = process.env["TRIMARAN_KEY"] ?? "";
const documentId = process.argv[2] ?? "example-codemirror";
const line = process.argv[3] ?? `It is ${new Date().toISOString()}.`;

async function call(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, ...init.headers };
  const response = await fetch(`${url}/api/documents/${documentId}${path}`, { ...init, headers });
  // 404: a document that no client wrote into yet.
  if (response.ok || response.status === 404) return response;
  console.error(`The server refused ${url}: ${response.status} ${await response.text()}`);
  process.exit(1);
}

const doc = new Y.Doc();
const current = await call("");
if (current.ok) Y.applyUpdate(doc, new Uint8Array(await current.arrayBuffer()));

// Only what is added here is sent, and sending it twice does no harm.
const before = Y.encodeStateVector(doc);
const text = doc.getText("content");
text.insert(text.length, `${line}\n`);
const change = Y.encodeStateAsUpdate(doc, before);
const { stored } = (await (await call("/changes", { method: "POST", body: change.slice() })).json()) as {
  stored: string;
};

console.log(`written into ${documentId} (${stored}): ${line}`);
