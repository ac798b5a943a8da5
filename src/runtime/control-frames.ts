/** No browser sends any; libraries and proxies send one in some seconds. */
const maxFrames = 100;
const windowMs = 10_000;

interface Window {
  frames: number;
  endsAt: number;
}

/**
 * Bounds the ping and pong frames of a WebSocket. Both engines answer every ping at once, past all that bounds what
 * waits for a client: one that pings and does not read would have its pongs kept, and stall all others meanwhile.
 *
 * @returns what must be called for each such frame, and says whether the WebSocket is still open.
 */
export function boundControlFrames(onRefused: (reason: string) => void, now = () => performance.now()) {
  const windows = new WeakMap<object, Window>();

  return (webSocket: { terminate(): void }): boolean => {
    const time = now();
    let window = windows.get(webSocket);
    if (!window || window.endsAt <= time)
      windows.set(webSocket, (window = { frames: 0, endsAt: time + windowMs }));
    window.frames += 1;
    if (window.frames <= maxFrames) return true;
    // Others of the same piece may follow.
    if (window.frames > maxFrames + 1) return false;
    onRefused("control_frames");
    webSocket.terminate();
    return false;
  };
}
