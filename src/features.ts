/* The features of this app, a line each. Yours start here; the platform takes all that is exported, in the
 * order of the alphabet: what must come in another order belongs into one feature. */

export { chatFeature } from "./features/chat/index.ts";
export { documentsFeature } from "./features/documents/index.ts";
