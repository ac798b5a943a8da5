/** A list of listeners for one thing that happens. */
export interface Signal<T> {
  /** Calls `listener` on every emit; returns the function that stops it. */
  on(listener: (value: T) => void): () => void;
  emit(value: T): void;
}

export function createSignal<T>(): Signal<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    on(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    emit(value) {
      // Who starts to listen because of this hears of the next.
      const current = [...listeners];
      for (const listener of current) listener(value);
    },
  };
}
