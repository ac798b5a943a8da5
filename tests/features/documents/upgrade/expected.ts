import * as v from "valibot";
import type { Fixture } from "../../../upgrade/fixture.ts";

const documents = v.record(
  v.string(),
  v.object({
    kinds: v.record(v.string(), v.picklist(["text", "map", "array", "xml"])),
    content: v.record(v.string(), v.unknown()),
    stateVector: v.string(),
    snapshot: v.string(),
  }),
);

/** What a fixture's `expected.json` says of documents. `empty`: those that hold nothing. */
const singleSchema = v.object({ documents, empty: v.array(v.string()) });
const clusterSchema = v.object({ documents });
export type ExpectedSingle = v.InferOutput<typeof singleSchema>;
export type ExpectedCluster = v.InferOutput<typeof clusterSchema>;

/** @throws {v.ValiError} when the fixture has no documents in the form that these tests read. */
export const expectedSingle = ({ expected }: Fixture) => v.parse(singleSchema, expected.single);
export const expectedCluster = ({ expected }: Fixture) => v.parse(clusterSchema, expected.cluster);
