import * as listed from "../../src/features.ts";
import { type Feature, listFeatures } from "../../src/platform/contract/define.ts";
import { runProcess } from "../../src/process.ts";
import { oldChat, oldChatFeature } from "./old-chat.ts";

/* The server of this app. Where it has no event of this name, it has the chat of the fixtures besides. */

const features: readonly Feature[] = listFeatures(listed);
const [message = ""] = Object.keys(oldChat.events);
const hasChat = features.some(({ contract }) => message in (contract.events ?? {}));
await runProcess(hasChat ? features : [...features, oldChatFeature]);
