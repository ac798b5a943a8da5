export { chatFeature } from "./server.ts";
