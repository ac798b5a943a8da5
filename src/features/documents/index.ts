export { documentsFeature } from "./server.ts";
