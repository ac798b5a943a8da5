import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Hono } from "hono";
import { pino } from "pino";
import * as v from "valibot";
import { createApp } from "../../../src/app.ts";
import { readConfig } from "../../../src/config.ts";
import { exampleSettings } from "../../../docs/generate/example-settings.ts";
import * as listed from "../../../src/features.ts";
import { describeRoute, json, ok, refusals } from "../../../src/platform/http/describe.ts";
import type { HttpEnv } from "../../../src/platform/http/env.ts";
import { requireService } from "../../../src/platform/http/identity.ts";
import type { OpenApi } from "../../../src/platform/http/openapi.ts";
import { takesHeader, takesJson, takesParam } from "../../../src/platform/http/parse.ts";
import { type Feature, defineContract, listFeatures } from "../../../src/platform/contract/define.ts";
import { defineFeature } from "../../../src/platform/feature.ts";
import { selectRuntime } from "../../../src/platform/runtime/select.ts";

const features = listFeatures(listed);

const apiKey = "a-key-that-is-long-enough-for-a-backend";

/** A feature of this test's own, with one route. */
const shelf = defineFeature({
  contract: defineContract("shelf", {}),
  create() {
    const about = describeRoute({
      summary: "Puts a book on a shelf",
      responses: {
        ...ok("It is there", json(v.object({ pages: v.number() }))),
        ...refusals,
      },
    });
    const routes = new Hono<HttpEnv>().put(
      "/shelves/:shelf",
      about,
      requireService,
      takesParam("shelf", v.pipe(v.string(), v.maxLength(8))),
      takesJson(v.object({ pages: v.pipe(v.number(), v.minValue(1)) }), "A book."),
      takesHeader("Lent-To", v.pipe(v.string(), v.description("Who has it."))),
      (c) => c.json({ pages: c.req.valid("json").pages, shelf: c.req.valid("param").shelf }),
    );
    return { routes };
  },
});

describe("the OpenAPI description", () => {
  async function withApp(
    listed: readonly Feature[],
    work: (openApi: OpenApi, http: ReturnType<typeof createApp>["http"]) => void | Promise<void>,
  ): Promise<void> {
    const config = readConfig(
      { DATA_FILE: ":memory:", API_KEYS: apiKey, ...exampleSettings(listed) },
      listed,
    );
    const parts = { log: pino({ level: "silent" }), runtime: await selectRuntime(config) };
    const app = createApp(config, { ...parts, features: listed });
    const answer = await app.http.request("/api/openapi.json", {}, { remoteAddress: undefined });
    await work((await answer.json()) as OpenApi, app.http);
    await app.close();
  }

  test("has every route there is, and no other", () =>
    withApp(features, ({ paths }, http) => {
      const isPage = (path: string) => /^\/($|d\/|assets\/|worker\.js$|docs)/.test(path);
      const routes = http.routes
        .filter(({ method, path }) => method !== "ALL" && !isPage(path))
        .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}").replace(/(.)\/$/, "$1")}`);
      const described = Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      );
      assert.deepEqual([...new Set(routes)].toSorted(), described.toSorted());
    }));

  test("says who may call each route, and has the schemas that check requests", () =>
    withApp(features, ({ paths }) => {
      for (const [path, methods] of Object.entries(paths))
        for (const [method, about] of Object.entries(methods))
          assert.ok("security" in (about as object) && "summary" in (about as object), `${method} ${path}`);
      const text = JSON.stringify(paths["/api/revocations"]);
      for (const part of ['"userId"', '"maxLength":128', '"enum":["read","write"]'])
        assert.ok(text.includes(part), part);
    }));

  test("has the route of a feature by itself, as the feature's own middleware checks it", () =>
    withApp([shelf], async ({ paths }, http) => {
      assert.deepEqual(
        Object.keys(paths).filter((path) => /shelves|documents/.test(path)),
        ["/api/documents/{id}/events", "/api/shelves/{shelf}"],
      );
      const { put } = paths["/api/shelves/{shelf}"] ?? {};
      assert.deepEqual(put?.security, [{ apiKey: [] }, { token: [] }]);
      assert.deepEqual(put?.parameters, [
        { in: "path", name: "shelf", required: true, schema: { type: "string", maxLength: 8 } },
        {
          in: "header",
          name: "Lent-To",
          required: true,
          description: "Who has it.",
          schema: { type: "string" },
        },
      ]);
      assert.deepEqual(put?.requestBody, {
        required: true,
        description: "A book.",
        content: {
          "application/json": {
            schema: {
              type: "object",
              properties: { pages: { type: "number", minimum: 1 } },
              required: ["pages"],
            },
          },
        },
      });
      assert.deepEqual(Object.keys(put?.responses ?? {}), ["200", ...Object.keys(refusals)]);

      const ask = async (path: string, body: string, lentTo?: string) => {
        const headers = { authorization: `Bearer ${apiKey}`, ...(lentTo && { "lent-to": lentTo }) };
        const answer = await http.request(
          path,
          { method: "PUT", headers, body },
          { remoteAddress: undefined },
        );
        return ((await answer.json()) as { error?: { message: string } }).error?.message;
      };
      assert.equal(await ask("/api/shelves/a", '{"pages":9}', "Ada"), undefined);
      assert.match(
        (await ask("/api/shelves/a-long-name", '{"pages":9}', "Ada")) ?? "",
        /^shelf: Invalid length/,
      );
      assert.match((await ask("/api/shelves/a", '{"pages":0}', "Ada")) ?? "", /^body\.pages: Invalid value/);
      assert.equal(await ask("/api/shelves/a", "{", "Ada"), "body: expected JSON");
      assert.match((await ask("/api/shelves/a", '{"pages":9}')) ?? "", /^Lent-To: Invalid type/);
    }));
});
