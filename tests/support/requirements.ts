import {
  caddy,
  chromium,
  need,
  openssl,
  prometheus,
  redisServer,
  systemd,
} from "../../deploy/local/requirements.ts";

/* Loaded before any test: what the tests need and the machine lacks is installed, or named. */

need([redisServer, caddy, chromium, openssl, prometheus, systemd]);
