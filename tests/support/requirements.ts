import { caddy, need, openssl, redisServer } from "../../deploy/local/requirements.ts";

/* What a bare `bun test` needs and the machine lacks is installed, or named; other commands know what their steps need. */

need([redisServer, caddy, openssl]);
