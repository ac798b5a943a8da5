import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { validate } from "@readme/openapi-parser";
import { Parser } from "@asyncapi/parser";
import { describeApp } from "../../docs/generate/describe-app.ts";
import * as listed from "../../src/features.ts";
import { listFeatures } from "../../src/platform/contract/define.ts";
import { describeEvents } from "../../src/platform/http/asyncapi.ts";
import { composeApp } from "../../src/platform/gateway/contract.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const features = listFeatures(listed);

const contract = composeApp(features);
const asyncApi = describeEvents(contract);

describe("the reference", { timeout: groupTimeoutMs }, () => {
  test("is AsyncAPI 3 to its official parser", async () => {
    const problems = async (text: string) =>
      (await new Parser().parse(text)).diagnostics.filter(({ severity }) => severity <= 1);
    assert.deepEqual(await problems(JSON.stringify(asyncApi)), []);
    const broken = { ...asyncApi, operations: { join: { action: "take", channel: { $ref: "#/nowhere" } } } };
    assert.notEqual((await problems(JSON.stringify(broken))).length, 0, "notices what is wrong");
  });

  test("is OpenAPI 3.1 to a parser of its own", async () => {
    const check = (description: object) => validate(structuredClone(description) as never);
    const openApi = await describeApp();
    const result = await check(openApi);
    assert.ok(result.valid, JSON.stringify(result));
    assert.equal((await check({ ...openApi, paths: { "/x": { get: { responses: 1 } } } })).valid, false);
  });

  test("has every event there is, and no other", () => {
    const described = (action: string) =>
      Object.entries(asyncApi.operations)
        .filter(([, operation]) => (operation as { action: string }).action === action)
        .map(([name]) => name);
    assert.deepEqual(described("receive"), [...contract.events.keys()]);
    assert.deepEqual(described("send"), [...contract.pushes.keys()]);
  });
});
