/** The text of all metrics takes some milliseconds to make: requests within this time share one text. */
const textMaxAgeMs = 1000;

/**
 * One text for all requests of a second, and one making at a time: a flood of requests costs no more than its answers.
 *
 * @returns the same bytes for all who share a text.
 */
export function createSharedText(make: () => Promise<string>, now = () => performance.now()) {
  let text: Promise<Uint8Array<ArrayBuffer>> | undefined;
  let isMaking = false;
  let madeAt = 0;

  async function makeText(): Promise<Uint8Array<ArrayBuffer>> {
    isMaking = true;
    try {
      return new TextEncoder().encode(await make());
    } finally {
      isMaking = false;
      madeAt = now();
    }
  }

  return (): Promise<Uint8Array<ArrayBuffer>> => {
    if (text === undefined || (!isMaking && now() - madeAt >= textMaxAgeMs)) text = makeText();
    return text;
  };
}
