import { SignJWT } from "jose";
import { type Usage, createUsage, readOptions } from "./cli.ts";

/* `npm run token`: a token to try the server with. In production your backend makes them. */

const help = `Makes a token for a server that was started with the same AUTH_SECRET.

  AUTH_SECRET=… npm run token -- --user ada [options]

  --user ID            whom it is for
  --name TEXT          the name that others see
  --write PATTERN      documents that may be changed; * stands for any characters. May be repeated
  --read PATTERN       documents that may be read. May be repeated. With neither: --write '*'
  --service            for a backend: everything, and the server's own API
  --expires TIME       as 30s, 15m or 8h; default 8h
  --help               this text`;

const usage: Usage = createUsage(help);
const values = readOptions(help, {
  user: { type: "string" },
  name: { type: "string" },
  write: { type: "string", multiple: true, default: [] },
  read: { type: "string", multiple: true, default: [] },
  service: { type: "boolean", default: false },
  expires: { type: "string", default: "8h" },
});
const { AUTH_SECRET: secret, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = process.env;
if (!secret) usage("AUTH_SECRET is not set");
if (!values.user) usage("--user is missing");
if (!/^\d+[smh]$/.test(values.expires))
  usage(`--expires ${values.expires}: expected a time such as 30s, 15m or 8h`);

const write = values.write.length + values.read.length > 0 ? values.write : ["*"];
const documents = Object.fromEntries([
  ...values.read.map((pattern) => [pattern, "read"]),
  ...write.map((pattern) => [pattern, "write"]),
]);
const token = new SignJWT({ documents, ...(values.name && { name: values.name }), service: values.service })
  .setProtectedHeader({ alg: "HS256" })
  .setSubject(values.user)
  .setIssuedAt()
  .setExpirationTime(values.expires);
if (issuer) token.setIssuer(issuer);
if (audience) token.setAudience(audience);
console.log(await token.sign(new TextEncoder().encode(secret)));
