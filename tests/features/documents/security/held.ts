import type { FeatureHeld } from "../../../security/watch/held.ts";

/* What a server holds of documents for clients. */

export const forClients: FeatureHeld["forClients"] = ["trimaran_documents_open"];
/** Of the one document that stays open, which is small. */
export const bytes: FeatureHeld["bytes"] = ["trimaran_documents_bytes"];
