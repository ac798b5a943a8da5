/** A type with fields, and how many it has, those that it inherits from types of `src` included. */
export interface Bag {
  name: string;
  file: string;
  fields: number;
}

interface Declaration {
  name: string;
  file: string;
  /** `extends …` of an interface, or what a type is besides its own fields. */
  besides: string;
  own: number;
}

const declaration =
  /^(?:export )?(?:(?:interface|(?:abstract )?class) (\w+)(?:<.*?>)?(?: extends ([^{]*?))? \{|type (\w+)(?:<[^=]*>)? =((?:[^;{]|\{(?!\n))*)\{)\n(.*?)^\}([^;\n]*)/gms;
const field = /^ {2}(?:readonly )?["\w]+\??[:(<]/gm;

/** Types whose names say that they are handed over as one: options, parts, services, sources. */
const isBag = (name: string) => /(?:Options|Parts|Services|Source|Given|Deps|Dependencies)$/.test(name);

/** Options, parts and services in sources, by the texts of their files. */
export function bagsOf(sources: ReadonlyMap<string, string>): Bag[] {
  const types: Declaration[] = [];
  for (const [file, text] of sources) {
    for (const [, one, inherits = "", other, before = "", body = "", after = ""] of text.matchAll(
      declaration,
    )) {
      const own = body.match(field)?.length ?? 0;
      types.push({ name: one ?? other ?? "", file, besides: inherits + before + after, own });
    }
  }

  const count = (type: Declaration, above: readonly Declaration[] = []): number =>
    above.includes(type) ? 0 : type.own + inherited(type, [...above, type]);

  /** The type of this name, in the same file if there are several. */
  function countNamed(name: string, above: readonly Declaration[]): number {
    const all = types.filter((type) => type.name === name);
    const type = all.find(({ file }) => file === above.at(-1)?.file) ?? all[0];
    return type ? count(type, above) : 0;
  }

  /** `A, B`, `A & B`, `Partial<A>`, `Pick<A, "x">` and `Omit<A, "x">`. */
  function inherited({ besides }: Declaration, above: readonly Declaration[]): number {
    let sum = 0;
    const rest = besides.replaceAll(
      /\b(Pick|Omit)<(\w+)(?:<[^>]*>)?,\s*([^>]*)>/g,
      (_, how: string, name: string, names: string) => {
        const named = names.match(/"/g)?.length ?? 0;
        sum += how === "Pick" ? named / 2 : Math.max(0, countNamed(name, above) - named / 2);
        return "";
      },
    );
    for (const [name] of rest.matchAll(/\b[A-Z]\w*/g)) sum += countNamed(name, above);
    return sum;
  }

  return [
    ...types
      .filter(({ name }) => isBag(name))
      .map((type) => ({ name: type.name, file: type.file, fields: count(type) })),
    ...[...sources].flatMap(([file, text]) => parametersOf(text).map((each) => ({ ...each, file }))),
  ];
}

/** Fields that a function takes without a name for them: `function f({ … }: { … })`. */
function parametersOf(text: string): Omit<Bag, "file">[] {
  return [...text.matchAll(/(\w+)(?:<[^(]*>)?\((?:[^()]*,\s*)?\{[^{}]*\}: \{\n(.*?)^ *\}/gms)].map(
    ([, name = "", body = ""]) => ({ name, fields: body.match(/^ +\w+\??[:(<]/gm)?.length ?? 0 }),
  );
}
