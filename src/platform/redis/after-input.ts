/**
 * Calls back after all input that waits was read, so that a deadline which passed while this process was paused
 * is not blamed on the other side.
 *
 * Two turns of the event loop: on Bun 1.4.5 the first immediate runs before sockets are read.
 *
 * @returns a function that cancels the call.
 */
export function afterInput(callback: () => void): () => void {
  let immediate = setImmediate(() => {
    immediate = setImmediate(callback);
  });
  return () => clearImmediate(immediate);
}
