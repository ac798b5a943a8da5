import { chatFeature } from "./features/chat/index.ts";
import { documentsFeature } from "./features/documents/index.ts";

/** The features of this app, a line each. Yours start here. */
export const features = [documentsFeature, chatFeature] as const;

/** What clients may send to this app, and are sent: types for `connect` (src/client). */
export type AppContract = (typeof features)[number]["contract"];
