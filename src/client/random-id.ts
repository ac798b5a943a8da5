/** `crypto.randomUUID` is missing on plain-HTTP origins, as a phone sees a computer on its network. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
