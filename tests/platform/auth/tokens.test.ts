import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { type GenerateKeyPairResult, SignJWT, exportJWK, exportSPKI, generateKeyPair } from "jose";
import { type TokenConfig, createTokenVerifier } from "../../../src/platform/auth/tokens.ts";

const config: TokenConfig = { algorithms: ["RS256", "ES256"], maxAgeMs: 3_600_000 };
const sign = ({ privateKey }: GenerateKeyPairResult, alg: string, kid = "1") =>
  new SignJWT({ documents: { "a*": "read" }, name: " Ada " })
    .setProtectedHeader({ alg, kid })
    .setSubject("ada")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(privateKey);
const isUnauthorized = { code: "unauthorized" };

describe("tokens by a public key", () => {
  test("are taken when that key's owner signed them, with an algorithm of the list", async () => {
    const [pair, other] = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")]);
    const verify = createTokenVerifier({
      ...config,
      algorithms: ["ES256"],
      publicKey: await exportSPKI(pair.publicKey),
    });
    const user = await verify(await sign(pair, "ES256"));
    assert.deepEqual(
      { id: user.id, name: user.name, documents: user.documents, isService: user.isService },
      { id: "ada", name: "Ada", documents: { "a*": "read" }, isService: false },
    );
    await assert.rejects(verify(await sign(other, "ES256")), isUnauthorized);
  });

  test("end when they say, or when they are too old, whichever comes first", async () => {
    const pair = await generateKeyPair("ES256");
    const publicKey = await exportSPKI(pair.publicKey);
    const options = { ...config, algorithms: ["ES256"], publicKey };
    const token = await sign(pair, "ES256");
    const { issuedAtMs, expiresAtMs } = await createTokenVerifier({ ...options, maxAgeMs: 7_200_000 })(token);
    assert.equal(expiresAtMs - issuedAtMs, 3_600_000);
    const young = await createTokenVerifier({ ...options, maxAgeMs: 60_000 })(token);
    assert.equal(young.expiresAtMs - young.issuedAtMs, 60_000);
  });

  test("the public key is no secret to sign with", async () => {
    const pair = await generateKeyPair("RS256", { extractable: true });
    const publicKey = await exportSPKI(pair.publicKey);
    const verify = createTokenVerifier({ ...config, publicKey });
    const forged = await new SignJWT({})
      .setProtectedHeader({ alg: "HS256" })
      .setSubject("ada")
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode(publicKey));
    await assert.rejects(verify(forged), isUnauthorized);
  });
});

describe("tokens by a key set", () => {
  let keys: object[] = [];
  let asked = 0;
  let isAway = false;
  let url = "";
  const server = createServer((_request, response) => {
    asked += 1;
    if (isAway) return void response.writeHead(500).end();
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ keys }));
  });
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
  });
  after(() => new Promise((resolve) => server.close(resolve)));

  async function newKey(kid: string): Promise<GenerateKeyPairResult> {
    const pair = await generateKeyPair("RS256", { extractable: true });
    keys.push({ ...(await exportJWK(pair.publicKey)), kid, alg: "RS256" });
    return pair;
  }

  test("are read once, kept while the issuer is away, and read again for a new key", async () => {
    keys = [];
    asked = 0;
    const first = await newKey("1");
    const verify = createTokenVerifier({ ...config, jwksUrl: url, keysCooldownMs: 0 });
    for (let times = 0; times < 3; times += 1)
      assert.equal((await verify(await sign(first, "RS256"))).id, "ada");
    assert.equal(asked, 1);
    const second = await newKey("2");
    isAway = true;
    await assert.rejects(verify(await sign(second, "RS256", "2")));
    assert.equal((await verify(await sign(first, "RS256"))).id, "ada", "the known key goes on");
    isAway = false;
    assert.equal((await verify(await sign(second, "RS256", "2"))).id, "ada");
    await assert.rejects(verify(await sign(second, "RS256", "1")), isUnauthorized);
  });

  test("can't be checked when there never was a key set: the client is to try again", async () => {
    isAway = true;
    const verify = createTokenVerifier({ ...config, jwksUrl: url, keysCooldownMs: 0 });
    const pair = await generateKeyPair("RS256");
    await assert.rejects(verify(await sign(pair, "RS256")), { code: "unavailable" });
    isAway = false;
  });
});
