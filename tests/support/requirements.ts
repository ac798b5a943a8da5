import {
  caddy,
  chromium,
  howToInstall,
  install,
  missing,
  openssl,
  prometheus,
  redisServer,
  systemd,
} from "../../deploy/local/requirements.ts";

/* Loaded before any test: what the tests need and the machine lacks is installed, or named. */

const lacking = missing([redisServer, caddy, chromium, openssl, prometheus, systemd]);
if (lacking.length > 0 && !install(lacking, (text) => console.log(text))) {
  console.error(`The tests need real parts. ${howToInstall(missing(lacking))}`);
  process.exit(1);
}
