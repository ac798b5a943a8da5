import type { Outcome } from "../../../faults/feature.ts";

/** What was typed in a scenario, and what became of it. Times are milliseconds of one clock. */
export interface DocumentHistory {
  tokens: Token[];
  /** Final documents: of every client, and of fresh joins on every replica. */
  documents: FinalDocument[];
  /** Edits that the server refused for good. */
  refused: string[];
}

/** A word typed into the document, unlike all others. */
export interface Token {
  text: string;
  typedAt: number;
  acknowledgedAt?: number;
}

export interface FinalDocument {
  where: string;
  /** The encoded Yjs state vector, in base64. */
  stateVector: string;
  text: string;
}

/** Every acknowledged edit is in every document, documents are equal, and every edit is acknowledged. */
export function outcomeOf({ documents, tokens, refused }: DocumentHistory): Outcome {
  const acknowledged = tokens.filter((token) => token.acknowledgedAt !== undefined);
  const lacking = documents.flatMap(({ where, text }) => {
    const words = new Set(text.split(" "));
    return acknowledged.filter((token) => !words.has(token.text)).map((token) => `${token.text} at ${where}`);
  });
  const [first, ...others] = documents;
  const different = others
    .filter(({ stateVector, text }) => stateVector !== first?.stateVector || text !== first.text)
    .map(({ where }) => `${where} from ${first?.where}`);
  const unsaved = tokens.filter((token) => token.acknowledgedAt === undefined).map(({ text }) => text);
  return {
    figures: { tokens: tokens.length },
    acks: tokens.map(({ typedAt, acknowledgedAt = Infinity }) => ({ from: typedAt, to: acknowledgedAt })),
    broken: [
      ["acknowledged edit is not in the document", lacking],
      ["document differs", different],
      ["edit never acknowledged", unsaved],
      ["edit refused for good", refused],
    ],
  };
}
