import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type DocumentHistory, outcomeOf } from "./faults/history.ts";

const names = ["ada", "bob", "eve"];

/** Every member types ten words; all of them are in every document. */
function goodHistory(): DocumentHistory {
  const tokens = names.flatMap((name, index) =>
    Array.from({ length: 10 }, (_, word) => {
      const typedAt = word * 100 + index;
      return { text: `${name}-${word}`, typedAt, acknowledgedAt: typedAt + 9 };
    }),
  );
  const text = tokens.map((token) => token.text).join(" ");
  const documents = [...names, "fresh"].map((where) => ({ where, stateVector: "AQI=", text }));
  return { tokens, documents, refused: [] };
}

/** What a history that was spoilt like this breaks, and its examples. */
function broken(spoil: (history: DocumentHistory) => void): Record<string, string[]> {
  const history = goodHistory();
  spoil(history);
  return Object.fromEntries(outcomeOf(history).broken.filter(([, found]) => found.length > 0));
}

describe("what the fault suite finds of documents", () => {
  test("nothing in a good history; its words and their acknowledgements are counted", () => {
    assert.deepEqual(
      broken(() => {}),
      {},
    );
    const { figures, acks } = outcomeOf(goodHistory());
    assert.deepEqual(figures, { tokens: 30 });
    assert.deepEqual(
      acks.map(({ from, to }) => to - from),
      acks.map(() => 9),
    );
    assert.equal(acks.length, 30);
  });

  test("an edit that a document lacks, and a document that differs", () => {
    const lacking = broken(({ documents }) => {
      if (documents[3]) documents[3].text = documents[3].text.replace("bob-4", "");
    });
    assert.deepEqual(lacking, {
      "acknowledged edit is not in the document": ["bob-4 at fresh"],
      "document differs": ["fresh from ada"],
    });
    const different = broken(({ documents }) => {
      if (documents[2]) documents[2].stateVector = "AQM=";
    });
    assert.deepEqual(different, { "document differs": ["eve from ada"] });
  });

  test("an edit that was never acknowledged, which may be missing, and one that was refused", () => {
    const spoil = ({ tokens, documents }: DocumentHistory) => {
      delete tokens[4]?.acknowledgedAt;
      for (const document of documents) document.text = document.text.replace("ada-4 ", "");
    };
    assert.deepEqual(broken(spoil), { "edit never acknowledged": ["ada-4"] });
    const history = goodHistory();
    spoil(history);
    assert.equal(outcomeOf(history).acks[4]?.to, Infinity);
    assert.deepEqual(
      broken(({ refused }) => refused.push("too_large")),
      { "edit refused for good": ["too_large"] },
    );
  });
});
