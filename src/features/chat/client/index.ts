export { type OutboxOptions, createOutbox } from "./outbox.ts";
