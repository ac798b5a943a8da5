import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pino } from "pino";
import { createApp } from "../../../src/app.ts";
import { readConfig } from "../../../src/config.ts";
import { openApi } from "../../../src/http/openapi.ts";
import { selectRuntime } from "../../../src/runtime/select.ts";
import { temporaryFolder } from "../../support/folder.ts";

describe("the OpenAPI description", () => {
  const folder = temporaryFolder();

  test("has every route there is, and no other", async () => {
    const config = readConfig({ DATA_FILE: join(folder, "data.sqlite") });
    const app = createApp(config, { log: pino({ level: "silent" }), runtime: await selectRuntime(config) });
    const isPage = (path: string) => /^\/($|d\/|assets\/|worker\.js$|docs)/.test(path);
    const routes = app.http.routes
      .filter(({ method, path }) => method !== "ALL" && !isPage(path))
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}").replace(/(.)\/$/, "$1")}`);
    const described = Object.entries(openApi.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual([...new Set(routes)].toSorted(), described.toSorted());
    await app.close();
  });

  test("is plain JSON with the schemas that check requests", () => {
    const text = JSON.stringify(openApi.paths["/api/revocations"]);
    for (const part of ['"userId"', '"maxLength":128', '"enum":["read","write"]'])
      assert.ok(text.includes(part), part);
  });
});
