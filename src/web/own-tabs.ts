/**
 * Which clients of the room are tabs of this user in this browser. The tabs announce their presence ids to each other;
 * the server has no part in it.
 *
 * @param onChange called when one more tab is known.
 */
export function findOwnTabs(userId: string, clientId: number, onChange: () => void): (id: number) => boolean {
  const own = new Set([clientId]);
  const channel = new BroadcastChannel(`trimaran:tabs:${userId}`);
  channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== "number" || own.has(data)) return;
    own.add(data);
    // The tab that was opened last knows no other one yet.
    channel.postMessage(clientId);
    onChange();
  });
  channel.postMessage(clientId);
  return (id) => own.has(id);
}
