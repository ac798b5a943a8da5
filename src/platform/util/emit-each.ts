import type { EventEmitter } from "node:events";

/**
 * Emits an event like `EventEmitter.emit`, but a listener that throws or rejects stops neither the other listeners nor
 * the caller.
 */
export function emitEach(
  emitter: EventEmitter,
  event: string | symbol,
  args: readonly unknown[],
  onError: (error: unknown) => void,
): boolean {
  const listeners = emitter.rawListeners(event);
  for (const listener of listeners) {
    try {
      const result: unknown = Reflect.apply(listener, emitter, args);
      if (result instanceof Promise) result.catch(onError);
    } catch (error) {
      onError(error);
    }
  }
  return listeners.length > 0;
}
