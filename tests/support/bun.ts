import { setDefaultTimeout } from "bun:test";
import "./requirements.ts";

/* Loaded before any test under `bun test`, which gives up after 5 s by itself; conditions have their own deadlines. */

setDefaultTimeout(60_000);
