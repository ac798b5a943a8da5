import { apiKey } from "../../support/tokens.ts";
import type { Expected } from "../expected.ts";

/** Takes something away from a user, as a backend does. @returns where that is stored. */
export async function revoke(
  url: string,
  revocation: Expected["single"]["revocations"][number],
): Promise<string> {
  const response = await fetch(`${url}/api/revocations`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}` },
    body: JSON.stringify(revocation),
  });
  const body = (await response.json()) as { ok: boolean; stored: string };
  if (!body.ok) throw new Error(`a revocation was refused: ${JSON.stringify(body)}`);
  return body.stored;
}
