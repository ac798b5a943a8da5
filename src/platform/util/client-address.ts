import { BlockList, isIP } from "node:net";

export type ClientAddress = (peer: string | undefined, forwardedFor: string | undefined) => string;

/**
 * Builds the one function that tells who is at the other end, for HTTP and handshakes alike.
 *
 * `X-Forwarded-For` counts only when the peer is a trusted proxy, and is read from the right: the
 * first address that is not itself a trusted proxy is the client. Whatever a client wrote further
 * left is never believed.
 *
 * @param trustedProxies addresses or CIDR ranges; throws `RangeError` on a malformed one.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  const trusted = blockList(trustedProxies);

  return (peer, forwardedFor) => {
    let address = normalize(peer ?? "");
    if (!forwardedFor) return address || "unknown";
    const hops = forwardedFor.split(",").map((hop) => normalize(hop.trim()));
    while (hops.length > 0 && isTrusted(trusted, address)) {
      const hop = hops.pop() ?? "";
      if (!isIP(hop)) break;
      address = hop;
    }
    return address || "unknown";
  };
}

/** Whether a peer is a proxy whose forwarding headers are believed. */
export function createProxyTrust(trustedProxies: readonly string[]): (peer: string | undefined) => boolean {
  const trusted = blockList(trustedProxies);
  return (peer) => isTrusted(trusted, normalize(peer ?? ""));
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) addRange(list, range);
  return list;
}

function addRange(list: BlockList, range: string): void {
  const [address = "", bits] = range.split("/");
  const version = isIP(address);
  const prefix = bits === undefined ? (version === 6 ? 128 : 32) : Number(bits);
  if (!version || !Number.isInteger(prefix) || prefix < 0 || prefix > (version === 6 ? 128 : 32)) {
    throw new RangeError(`"${range}" is not an IP address or CIDR range`);
  }
  list.addSubnet(address, prefix, version === 6 ? "ipv6" : "ipv4");
}

function isTrusted(list: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && list.check(address, version === 6 ? "ipv6" : "ipv4");
}

/** `::ffff:127.0.0.1`, as dual-stack listeners report IPv4 peers, becomes `127.0.0.1`. */
function normalize(address: string): string {
  return address.toLowerCase().startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
