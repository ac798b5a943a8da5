// Loaded into a replica on Node before everything else (`--import`): a server with a bug in it, to see
// that the fault suite notices. SABOTAGE names the bug, SABOTAGE_PUSH the push: see feature.ts.
import { Adapter } from "socket.io-adapter";

const { SABOTAGE: bug, SABOTAGE_PUSH: push } = process.env;
/** In the middle of a run: its ends are where a check is most easily right by chance. */
const victim = 30;

/** Far more than a bound, so that it is found beside anything else that a machine may do. */
const lateMs = 3000;

const broadcast = Adapter.prototype.broadcast;
let seen = 0;

Adapter.prototype.broadcast = function (packet, options) {
  const isPush = packet.data?.[0] === push;
  if (isPush) seen += 1;
  if (bug === "late" && seen >= victim && isPush)
    return void setTimeout(() => broadcast.call(this, packet, options), lateMs);
  // A client may make up for a single loss: it asks for the push again when the next one builds on it.
  const isVictim = isPush && (bug === "lose" ? seen >= victim : seen === victim);
  if (isVictim && bug === "double") broadcast.call(this, { ...packet }, options);
  if (!isVictim || bug === "double") broadcast.call(this, packet, options);
};
