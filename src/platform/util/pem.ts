import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { errorMessage } from "./errors.ts";

/**
 * Reads a file of certificates.
 * @throws {Error} saying what is wrong with it.
 */
export function readCertificates(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new Error(`it can't be read (${errorMessage(cause)})`, { cause });
  }
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) throw new Error("no certificate is in it");
  try {
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch (cause) {
    throw new Error("a certificate in it is damaged", { cause });
  }
  return text;
}
