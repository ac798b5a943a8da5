import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import * as v from "valibot";
import { createCertificates } from "../support/redis-tls.ts";
import { temporaryFolder } from "../support/folder.ts";
import { readConfig } from "../../src/config.ts";
import { type Feature, defineContract } from "../../src/platform/contract/define.ts";
import { defineFeature } from "../../src/platform/feature.ts";
import { StartupError } from "../../src/platform/util/errors.ts";

function problemsOf(env: Record<string, string>, features: readonly Feature[] = []): string {
  try {
    readConfig(env, features);
  } catch (error) {
    assert.ok(error instanceof StartupError);
    return error.message;
  }
  return assert.fail("expected the configuration to be refused");
}

describe("configuration", () => {
  test("an empty environment is single mode on port 3000", () => {
    const config = readConfig({}, []);
    assert.equal(config.port, 3000);
    assert.equal(config.redis, undefined);
    assert.equal(config.drainMs, 0);
  });

  test("an empty variable counts as unset", () => {
    assert.equal(readConfig({ PORT: "", REDIS_URL: "" }, []).port, 3000);
  });

  test("Redis is configured by its parts, with the report's defaults for the rest", () => {
    assert.deepEqual(readConfig({ REDIS_HOST: "cache" }, []).redis?.address, {
      kind: "node",
      url: "redis://cache:6379",
    });
    assert.deepEqual(readConfig({ REDIS_PORT: "7000" }, []).redis?.address, {
      kind: "node",
      url: "redis://localhost:7000",
    });
    assert.deepEqual(readConfig({ REDIS_HOST: "::1" }, []).redis?.address, {
      kind: "node",
      url: "redis://[::1]:6379",
    });
  });

  test("a password with special characters survives the way into the URL", () => {
    const { redis } = readConfig({ REDIS_PASSWORD: "p@ss:w/rd%" }, []);
    assert.ok(redis?.address.kind === "node");
    assert.equal(decodeURIComponent(new URL(redis.address.url).password), "p@ss:w/rd%");
  });

  test("Redis by TLS, with a user, by its parts", () => {
    const { redis } = readConfig({ REDIS_TLS: "on", REDIS_USERNAME: "a:b", REDIS_PASSWORD: "x" }, []);
    assert.deepEqual(redis?.address, { kind: "node", url: "rediss://a%3Ab:x@localhost:6379" });
    assert.equal(readConfig({ REDIS_TLS: "off" }, []).redis, undefined);
    assert.match(problemsOf({ REDIS_TLS: "yes" }), /REDIS_TLS="yes": expected on or off/);
    assert.match(problemsOf({ REDIS_USERNAME: "a" }), /REDIS_USERNAME is set without REDIS_PASSWORD/);
    assert.match(
      problemsOf({ REDIS_URL: "redis://a", REDIS_TLS: "on" }),
      /REDIS_URL and REDIS_TLS are both set/,
    );
  });

  const folder = temporaryFolder();

  test("a file of certificates is read, and refused when there is none in it", () => {
    const write = (text: string) => {
      const file = join(folder, "ca.pem");
      writeFileSync(file, text);
      return { REDIS_CA_FILE: file, REDIS_URL: "rediss://localhost" };
    };
    assert.match(problemsOf(write("no PEM")), /REDIS_CA_FILE=.*expected a PEM file.*no certificate is in it/);
    const damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert.match(problemsOf(write(damaged)), /a certificate in it is damaged/);
    assert.match(problemsOf({ ...write(""), REDIS_CA_FILE: join(folder, "none") }), /can't be read.*ENOENT/);
    const { ca } = createCertificates(folder, "ca");
    assert.match(readConfig({ REDIS_CA_FILE: ca, REDIS_TLS: "on" }, []).redis?.ca ?? "", /BEGIN CERTIFICATE/);
    assert.match(problemsOf({ REDIS_CA_FILE: ca, REDIS_HOST: "a" }), /REDIS_CA_FILE is set without TLS/);
  });

  test("all problems are told at once, each with its variable and what was expected", () => {
    const message = problemsOf({
      PORT: "abc",
      CLIENT_ORIGIN: "example.com",
      HTTP_RATE: "many",
      LOG_LEVEL: "loud",
      TRUSTED_PROXIES: "10.0.0.0/99",
    });
    for (const part of [
      'PORT="abc"',
      "CLIENT_ORIGIN",
      "HTTP_RATE",
      "LOG_LEVEL",
      "TRUSTED_PROXIES",
      "5 problems",
      "from 0 to 65535",
    ]) {
      assert.ok(message.includes(part), `${part} in:\n${message}`);
    }
  });

  test("REDIS_URL names a node, or who knows which node it is", () => {
    const addressOf = (url: string) => readConfig({ REDIS_URL: url }, []).redis?.address;
    assert.deepEqual(addressOf("valkeys://cache/2"), { kind: "node", url: "rediss://cache/2" });
    assert.deepEqual(addressOf("redis+sentinel://me:pw@a,b:5000/main/3"), {
      kind: "sentinel",
      seeds: ["a:26379", "b:5000"],
      prefix: "redis://me:pw@",
      suffix: "/3",
      master: "main",
    });
    assert.deepEqual(addressOf("rediss+cluster://a:7000,[::1]:7001"), {
      kind: "cluster",
      seeds: ["a:7000", "[::1]:7001"],
      prefix: "rediss://",
      suffix: "",
      master: "",
    });
    for (const wrong of [
      "redis+sentinel://a,b",
      "redis+cluster://a/main",
      "redis://a,b",
      "redis+sentinel://a/main/x",
      "redis+sentinel:///main",
      "redis+cluster://a b",
      "http://a",
      "redis+sentinel://secret:pw@a,,b/main",
    ]) {
      assert.match(problemsOf({ REDIS_URL: wrong }), /redis\+sentinel:\/\/…@host/, wrong);
      assert.doesNotMatch(problemsOf({ REDIS_URL: wrong }), /secret/);
    }
  });

  test("in a cluster all keys of a deployment have one hash tag", () => {
    const prefixOf = (REDIS_PREFIX?: string) =>
      readConfig({ REDIS_URL: "redis+cluster://a", REDIS_PREFIX }, []).redis?.prefix;
    assert.equal(prefixOf(), "{trimaran}:");
    assert.equal(prefixOf("one:two:"), "{one:two}:");
    assert.equal(prefixOf("app:{one}:"), "app:{one}:");
    assert.equal(readConfig({ REDIS_URL: "redis://a" }, []).redis?.prefix, "trimaran:");
  });

  test("REDIS_URL and its parts together are a contradiction", () => {
    assert.match(
      problemsOf({ REDIS_URL: "redis://a", REDIS_HOST: "b" }),
      /REDIS_URL and REDIS_HOST are both set/,
    );
  });

  test("secrets are never repeated", () => {
    assert.ok(!problemsOf({ REDIS_URL: "http://user:hunter2@host" }).includes("hunter2"));
    assert.ok(!problemsOf({ REDIS_PASSWORD: "hunter2", PORT: "x" }).includes("hunter2"));
  });

  test("origins, proxies and rates are parsed", () => {
    const config = readConfig(
      {
        CLIENT_ORIGIN: "https://a.example, http://b.example:8080",
        TRUSTED_PROXIES: "10.0.0.0/8",
        EVENT_RATE: "5/2s",
      },
      [],
    );
    assert.deepEqual(config.clientOrigins, ["https://a.example", "http://b.example:8080"]);
    assert.deepEqual(config.trustedProxies, ["10.0.0.0/8"]);
    assert.deepEqual(config.limits.rates.event.address, { limit: 5, windowMs: 2000 });
  });

  test("production without authentication is refused, unless that is written out", () => {
    assert.match(problemsOf({ NODE_ENV: "production" }), /AUTH_SECRET .*AUTH=off/s);
    assert.equal(readConfig({ NODE_ENV: "production", AUTH: "off" }, []).tokens, undefined);
    assert.equal(readConfig({}, []).tokens, undefined);
    const { tokens } = readConfig({ NODE_ENV: "production", AUTH_SECRET: "x".repeat(32) }, []);
    assert.deepEqual(tokens?.algorithms, ["HS256"]);
  });

  test("authentication is checked: sources, keys, algorithms; and its secrets are not repeated", () => {
    const secret = "hunter2".repeat(5);
    assert.match(problemsOf({ AUTH_SECRET: secret, AUTH: "off" }), /AUTH and AUTH_SECRET are both set/);
    assert.match(problemsOf({ AUTH_SECRET: "short" }), /32 characters/);
    assert.match(problemsOf({ AUTH_PUBLIC_KEY: secret }), /PEM/);
    assert.match(problemsOf({ AUTH_JWKS_URL: "ftp://x" }), /key set/);
    assert.match(problemsOf({ AUTH_ALGORITHMS: "none" }), /AUTH_ALGORITHMS/);
    assert.match(problemsOf({ API_KEYS: "short" }), /API_KEYS/);
    assert.match(problemsOf({ AUTH: "on" }), /AUTH/);
    const leaking = problemsOf({ AUTH_SECRET: "hunter2", API_KEYS: "hunter2", AUTH_PUBLIC_KEY: "hunter2" });
    assert.ok(!leaking.includes("hunter2"), leaking);
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const { tokens } = readConfig({ AUTH_PUBLIC_KEY: pem.replaceAll("\n", "\\n") }, []);
    assert.equal(tokens?.publicKey, pem);
    assert.ok(!tokens?.algorithms.includes("HS256"));
  });

  test("an origin with a path, or any origin at all, is refused", () => {
    assert.match(problemsOf({ CLIENT_ORIGIN: "https://a.example/app" }), /CLIENT_ORIGIN/);
    assert.match(problemsOf({ CLIENT_ORIGIN: "*" }), /CLIENT_ORIGIN/);
  });

  test("a setting belongs to the platform or to one feature", () => {
    const feature = (name: string, setting: string) => ({
      contract: defineContract(name, {}),
      settings: { [setting]: v.optional(v.string(), "") },
      create: undefined,
    });
    const { features } = readConfig({ MAX_POLLS: "7" }, [feature("polls", "MAX_POLLS")]);
    assert.deepEqual(features, { polls: { MAX_POLLS: "7" } });
    for (const [listed, owners] of [
      [[feature("polls", "PORT")], /platform and the feature polls both have the setting PORT/],
      [
        [feature("polls", "MAX"), feature("surveys", "MAX")],
        /polls and the feature surveys both have .* MAX/,
      ],
    ] as const)
      assert.throws(
        () => readConfig({}, listed),
        (error) => error instanceof StartupError && owners.test(error.message),
      );
  });

  const key = v.pipe(v.string(), v.minLength(8));
  const polls = (settings: Record<string, v.GenericSchema>): Feature[] => [
    { contract: defineContract("polls", {}), settings, create: undefined },
  ];

  test("a setting of a feature can be required; no value of one is repeated", () => {
    const secret = "hunter2";
    const settings = {
      POLLS_KEY: key,
      POLLS_MODE: v.picklist(["on", "off"]),
      POLLS_URL: v.pipe(v.string(), v.url()),
      POLLS_JSON: v.pipe(
        v.string(),
        v.transform((text) => JSON.parse(text) as unknown),
      ),
      POLLS_TOLD: v.pipe(
        v.string(),
        v.check(
          () => false,
          ({ input }) => `not ${String(input)}`,
        ),
      ),
    };
    const env = Object.fromEntries(Object.keys(settings).map((name) => [name, secret]));
    const message = problemsOf(env, polls(settings));
    assert.ok(!message.includes(secret), message);
    for (const part of [
      "5 problems",
      "POLLS_KEY=(hidden): Invalid length: Expected >=8",
      'POLLS_MODE=(hidden): Invalid type: Expected ("on" | "off")',
      "POLLS_JSON=(hidden): its schema throws for this value (feature polls)",
      "POLLS_TOLD=(hidden): expected not (hidden)",
    ])
      assert.ok(message.includes(part), `${part} in:\n${message}`);
    assert.match(problemsOf({}, polls({ POLLS_KEY: key })), /POLLS_KEY: not set, and it is required/);
    assert.match(
      problemsOf({}, polls({ POLLS_KEY: v.optional(key, "short") })),
      /POLLS_KEY: its default does not fit; Invalid length/,
    );
    assert.deepEqual(readConfig({ POLLS_KEY: "long enough" }, polls({ POLLS_KEY: key })).features, {
      polls: { POLLS_KEY: "long enough" },
    });
  });

  test("a setting that no environment could have is refused, by its type as well", () => {
    const three = v.optional(v.number(), 3);
    for (const [settings, says] of [
      [{ MAX_POLLS: three }, /^Feature polls: the setting MAX_POLLS takes a value of the type number/],
      [{ MAX_POLLS: v.pipe(v.optional(v.boolean()), v.description("on")) }, /type boolean/],
      [{ MAX_POLLS: v.optional(v.unknown(), 3) }, /the default of the setting MAX_POLLS must be text/],
      [{ "max polls": v.optional(v.string()) }, /a setting can't have the name "max polls"/],
    ] as [Record<string, v.GenericSchema>, RegExp][])
      assert.match(problemsOf({}, polls(settings)), says);
    const contract = defineContract("polls", {});
    // @ts-expect-error A number is no text.
    defineFeature({ contract, settings: { MAX_POLLS: three }, create: () => ({}) });
    // @ts-expect-error Nor is its default.
    defineFeature({ contract, settings: { MAX_POLLS: v.optional(v.string(), 3) }, create: () => ({}) });
  });
});
