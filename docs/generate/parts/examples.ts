import { listExamples } from "../../../examples/list.ts";
import { table } from "../table.ts";

/** The small apps, of this folder and of the features. */
export default function examples(): string {
  return table(
    ["`npm run example --`", "what it is", "where"],
    listExamples().map(({ name, folder, about }) => [`\`${name}\``, about, `\`${folder}\``]),
  );
}
