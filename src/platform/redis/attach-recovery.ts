import type { Namespace } from "socket.io";
import type { Adapter, Session } from "socket.io-adapter";
import { type Recovery, type RecoveryOptions, createRecovery } from "../delivery/recovery.ts";

export interface AttachOptions extends Omit<RecoveryOptions, "addToRooms" | "roomsOf"> {
  namespace: Namespace;
  adapter: Adapter;
}

/** Gives the official adapter recovery: what `LocalAdapter` overrides, as that is made by its package. */
export function attachRecovery({ adapter, ...options }: AttachOptions): Recovery {
  const addAll = adapter.addAll.bind(adapter);
  const del = adapter.del.bind(adapter);
  const recovery = createRecovery({
    ...options,
    addToRooms: (id, rooms) => void addAll(id, rooms),
    roomsOf: (id) => adapter.socketRooms(id),
  });
  adapter.addAll = (id, rooms) => {
    addAll(id, rooms);
    return recovery.save(id);
  };
  adapter.del = (id, room) => {
    del(id, room);
    void recovery.save(id);
  };
  adapter.persistSession = () => {};
  adapter.restoreSession = async (pid, offset) => (await recovery.restore(pid, offset)) as Session;
  return recovery;
}
