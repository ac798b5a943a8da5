import { type TrimaranClient, refusalOf } from "../client/index.ts";
import { banner } from "./banners.ts";

/** Says why the server refuses the connection; how to get in, when it wants a token that is not there or does not count. */
export function bindConnection(socket: TrimaranClient): void {
  socket.on("connect", () => banner("connection", undefined));
  socket.on("connect_error", (error) => {
    const refusal = refusalOf(error);
    if (!refusal) return;
    const howToGetIn = " Open this page with #token=… at the end of its address; npm run token makes one.";
    banner(
      "connection",
      `The server refused the connection: ${refusal.message}.${refusal.code === "unauthorized" ? howToGetIn : ""}`,
    );
  });
}
