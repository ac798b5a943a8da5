/* Socket.IO packets (protocol version 5) as somebody writes them who checks nothing. */

export const packetTypes = {
  connect: 0,
  disconnect: 1,
  event: 2,
  ack: 3,
  connectError: 4,
  binaryEvent: 5,
  binaryAck: 6,
} as const;

/**
 * An event with an acknowledgement's number, if there is one: text, then attachments.
 * What JSON has no word for becomes a text or nothing, as everywhere.
 */
export function eventPacket(args: readonly unknown[], id: number | "" = ""): [string, ...Uint8Array[]] {
  const attachments: Uint8Array[] = [];
  const json = JSON.stringify(args, (_key, value: unknown) => {
    if (value instanceof Uint8Array) {
      attachments.push(value);
      return { _placeholder: true, num: attachments.length - 1 };
    }
    return typeof value === "bigint" ? String(value) : value;
  });
  const type = attachments.length > 0 ? `45${attachments.length}-` : "42";
  return [`${type}${id}${json}`, ...attachments];
}
