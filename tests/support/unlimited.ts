/** Variables of a server whose limits are out of the way of what is measured: all clients have one address. */
export const unlimited = {
  HTTP_RATE: "999999999/60s",
  CONNECT_RATE: "999999999/60s",
  EVENT_RATE: "999999999/60s",
  BYTE_RATE: "999999999/1s",
  MAX_ENTERING: "1000000",
  MAX_CONNECTIONS: "1000000",
  MAX_JOINED: "1000000",
};
