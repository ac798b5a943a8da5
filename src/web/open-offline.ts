/** Has the page open while the server is away, in browsers that can, and where they allow it: by HTTPS or on loopback. */
export function openWhileOffline(): void {
  if (!("serviceWorker" in navigator)) return;
  // Storage may be switched off, or the server away just now: the next visit tries again.
  navigator.serviceWorker.register("/worker.js", { scope: "/d/" }).catch(() => undefined);
}
