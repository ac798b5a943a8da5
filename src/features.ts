/* The features of this app, a line each. Yours start here; the platform takes all that is exported. */
export { chatFeature } from "./features/chat/index.ts";
export { documentsFeature } from "./features/documents/index.ts";
