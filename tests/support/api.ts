import { apiKey } from "./tokens.ts";

interface Answer {
  status: number;
  body: {
    ok?: boolean;
    stored?: string;
    connections?: { namespace: string; documents: string[] }[];
    error?: { code: string };
  };
}

/** Calls the server's API as a backend would. */
export async function ask(
  url: string,
  method: string,
  path: string,
  {
    bearer = apiKey,
    body,
    headers = {},
  }: { bearer?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const isBinary = body instanceof Uint8Array;
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      "content-type": isBinary ? "application/octet-stream" : "application/json",
      ...headers,
    },
    ...(body !== undefined && { body: isBinary ? Uint8Array.from(body) : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}
