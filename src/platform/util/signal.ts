/** A list of listeners for one thing that happens. */
export interface Signal<T> {
  /** Calls `listener` on every emit; returns the function that stops it. */
  on(listener: (value: T) => void): () => void;
  emit(value: T): void;
}

/** @param onError given what a listener throws, so that the other listeners and `emit` go on; without it, `emit` throws. */
export function createSignal<T>(onError?: (error: unknown) => void): Signal<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    emit(value) {
      // Who starts to listen because of this hears of the next.
      const current = [...listeners];
      for (const listener of current) {
        try {
          listener(value);
        } catch (error) {
          if (!onError) throw error;
          onError(error);
        }
      }
    },
  };
}
