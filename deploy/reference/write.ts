import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { descriptions } from "./descriptions.ts";

/* `npm run reference`: writes the descriptions of events and routes as files. */

for (const [file, text] of Object.entries(descriptions)) {
  writeFileSync(join(import.meta.dirname, file), text);
  console.log(`deploy/reference/${file} written`);
}
