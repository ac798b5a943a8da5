// Loaded into a replica on Node before everything else (`--import`): a server with a bug in it, to see
// that the fault suite notices. SABOTAGE names the bug; see sabotage.ts.
import { Adapter } from "socket.io-adapter";

const kind = process.env.SABOTAGE;
const event = kind === "lose-edit" ? "receive-changes" : "receive-message";
/** In the middle of a run: its ends are where a check is most easily right by chance. */
const victim = 30;

/** Far more than a bound, so that it is found beside anything else that a machine may do. */
const lateMs = 3000;

const broadcast = Adapter.prototype.broadcast;
let seen = 0;

Adapter.prototype.broadcast = function (packet, options) {
  if (packet.data?.[0] === event) seen += 1;
  if (kind === "late" && seen >= victim && packet.data?.[0] === event)
    return void setTimeout(() => broadcast.call(this, packet, options), lateMs);
  // A single edit that was lost is asked for again by the client, when the next one builds on it.
  const isVictim = packet.data?.[0] === event && (kind === "lose-edit" ? seen >= victim : seen === victim);
  if (isVictim && kind === "double") broadcast.call(this, { ...packet }, options);
  if (!isVictim || kind === "double") broadcast.call(this, packet, options);
};
