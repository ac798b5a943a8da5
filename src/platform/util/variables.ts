import { createPublicKey } from "node:crypto";
import * as v from "valibot";
import { createClientAddress } from "./client-address.ts";
import { errorMessage } from "./errors.ts";
import { readCertificates } from "./pem.ts";

/* What the values of environment variables can be. Each message says what was expected. */

export const count = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.check(
      (text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max,
      `a whole number from ${min} to ${max}`,
    ),
    v.transform(Number),
  );

export const rate = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,8}\/[1-9]\d{0,5}s$/, "COUNT/SECONDSs, such as 600/60s"),
  v.transform((text) => {
    const [limit, seconds] = text.slice(0, -1).split("/").map(Number);
    return { limit: limit ?? 1, windowMs: (seconds ?? 1) * 1000 };
  }),
);

export const list = (expected: string, isItem: (item: string) => boolean) =>
  v.pipe(
    v.string(),
    v.transform((text) =>
      text
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean),
    ),
    v.check((items) => items.every(isItem), expected),
  );

export function isOrigin(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;
}

export function isRange(text: string): boolean {
  try {
    createClientAddress([text]);
    return true;
  } catch {
    return false;
  }
}

export function isPublicKey(text: string): boolean {
  try {
    return text.startsWith("-----BEGIN PUBLIC KEY-----") && createPublicKey(text).type === "public";
  } catch {
    return false;
  }
}

export function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** The text of a file of certificates that the variable names. */
export const certificates = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return readCertificates(dataset.value);
    } catch (error) {
      addIssue({ message: `a PEM file of certificates; ${errorMessage(error)}` });
      return NEVER;
    }
  }),
);
