// A program that says something in the chat of a room, over HTTP.

/* A backend, which is no client. Runs on Node, Bun and Deno. */

const url = process.env["TRIMARAN_URL"] ?? "http://localhost:3000";
const key = process.env["TRIMARAN_KEY"] ?? "";
const room = process.argv[2] ?? "example-chat";
const text = process.argv[3] ?? `It is ${new Date().toISOString()}.`;

const response = await fetch(`${url}/api/documents/${room}/events`, {
  method: "POST",
  headers: {
    authorization: `Bearer ${key}`,
    // With the same key it is sent once, however often this is tried again.
    "idempotency-key": crypto.randomUUID(),
  },
  body: JSON.stringify({
    event: "receive-message",
    payload: { id: crypto.randomUUID(), from: "The clock", text },
  }),
});
if (!response.ok) {
  console.error(`The server refused ${url}: ${response.status} ${await response.text()}`);
  process.exit(1);
}
console.log(`said to the members of ${room}: ${text}`);
