/**
 * An address for each of many clients. What a document costs is counted against the address of the client, so that
 * clients with one address would wait for each other as those of one office do.
 */
export const addressOf = (index: number): string =>
  `10.${[16, 8, 0].map((bits) => (index >> bits) & 0xff).join(".")}`;
