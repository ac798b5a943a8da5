import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { documents } from "../../../src/features/documents/contract.ts";
import { composeContracts, isSoundPush } from "../../../src/platform/contract/compose.ts";
import { insertion } from "./support/yjs.ts";

describe("the documents' contract", () => {
  test("of other replicas only changes that are Yjs updates go to clients", () => {
    const contract = composeContracts([documents]);
    const isSound = (update: unknown) =>
      isSoundPush(contract, "receive-changes", { documentId: "d", update }, "/");
    assert.ok(isSound(insertion("x")));
    for (const update of [Uint8Array.of(1, 200), "x", undefined]) assert.ok(!isSound(update));
  });
});
