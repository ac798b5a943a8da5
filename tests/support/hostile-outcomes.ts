export interface LogLine {
  level: number;
  msg: string;
  err?: Error;
  reason?: string;
}

/** What the app gets for each of its mistakes, at its own line. What is not here just returns. */
export const refusals: Record<string, RegExp> = {
  "join a number": /^threw TypeError: rooms are strings: write socket\.join\("42"\), not socket\.join\(42\)$/,
  "join an object":
    /^threw TypeError: rooms are strings: write socket\.join\(.*not socket\.join\(an object\)$/,
  "join undefined": /^threw TypeError: rooms are strings: .*socket\.join\(undefined\)$/,
  "replace its data": /^threw TypeError/,
  "replace its user": /^threw TypeError/,
  "replace the user's permissions": /^threw TypeError/,
  "replace its name": /^threw TypeError/,
  "remove its address": /^threw TypeError/,
  "leave a number": /^threw TypeError: rooms are strings: write socket\.leave\("42"\)/,
  "emit to a number": /^threw TypeError: rooms are strings: write io\.to\("42"\)/,
  "emit except an object": /^threw TypeError: rooms are strings: .*io\.except/,
  "emit to 10,001 rooms": /^threw RangeError: .*10001 rooms, at most 10000/,
  "sockets join an object": /^threw TypeError: rooms are strings: .*socketsJoin/,
  "sockets join 10,001 rooms": /^threw RangeError: .*10001 rooms, at most 10000/,
  "sockets leave a number": /^threw TypeError: rooms are strings: .*socketsLeave\("42"\)/,
  "fetch sockets of a number": /^threw TypeError: rooms are strings/,
  "emit a number as event": /^threw TypeError: event names are strings: write emit\("42"\)/,
  "emit a cycle": /^threw (TypeError|RangeError)/,
  "emit a BigInt": /^threw TypeError/,
  "emit a getter that throws": /^threw Error: a getter that throws/,
  "emit bytes with a __proto__": /^threw TypeError: a key "__proto__"/,
  "emit bytes nested too deep": /^threw Error: Too deep/,
  "emit a cycle to one client": /^threw (TypeError|RangeError)/,
  "emit a cycle to replicas": /^threw (Error|RangeError)/,
  "emit a __proto__ to replicas": /^threw TypeError: a key "__proto__"/,
  "emit a number to replicas": /^threw TypeError: event names are strings/,
  "ask a cycle of clients": /^threw (Error|TypeError|RangeError)/,
  "ask a cycle of replicas": /^threw (Error|RangeError)/,
};

/** What is logged as an error because of this app. */
export const ofTheApp = new Set([
  "an error that nothing caught",
  "a listener of the app failed",
  "a listener of rooms failed",
  "the app's answer to another replica can't be encoded",
  "what another replica asked for failed here",
  "a callback of serverSideEmit failed",
]);
/** What Redis and the way to it say. */
export const ofRedis =
  /^(connect E|read E|Connection timeout|no answer within|Socket|The client|NOREPLICAS|LOADING|Failed to connect|not connected)/;
/** What the caller gets when another replica did not answer within the adapter's time. */
export const isLate = /^threw Error: timeout reached/;
/** Of what this app does itself, where only the process can catch it. */
export const provoked =
  /^a (handler|timer|callback) that (throws|rejects)$|^without a listener$|^thrown: object$|^Maximum call stack size exceeded/;
