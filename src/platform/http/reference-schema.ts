/** What of JSON Schema our descriptions have. */
export interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  exclusiveMaximum?: number;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  /** One schema for all items, or one for each (draft 7). */
  items?: Schema | Schema[];
  minItems?: number;
  maxItems?: number;
  oneOf?: Schema[];
  anyOf?: Schema[];
}

/** The type of a value, nearly as in TypeScript, with the fields of objects and the items of arrays. */
export function typeOf(schema: Schema): string {
  const { items, additionalProperties } = schema;
  const options = schema.oneOf ?? schema.anyOf;
  const fields = fieldsOf(schema);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (options) return options.map(typeOf).join(" | ");
  if (schema.format === "binary") return "binary";
  if (Array.isArray(items)) return `[${items.map(typeOf).join(", ")}]`;
  if (schema.type === "array") {
    const { oneOf, anyOf, enum: values } = items ?? {};
    const isUnion = (oneOf ?? anyOf ?? values ?? []).length > 1;
    return isUnion ? `(${typeOf(items ?? {})})[]` : `${typeOf(items ?? {})}[]`;
  }
  if (fields.length > 0)
    return `{ ${fields.map(({ name, isRequired, field }) => `${name}${isRequired ? "" : "?"}: ${typeOf(field)}`).join(", ")} }`;
  if (typeof additionalProperties === "object") return `{ [name]: ${typeOf(additionalProperties)} }`;
  return schema.type ?? "any";
}

/** What else is known of a value: its bounds, and those of what is in it. */
export function notesOf(schema: Schema): string {
  const { description, format, pattern, items } = schema;
  const own = [
    format === "binary" ? "Uint8Array or ArrayBuffer" : description,
    format !== undefined && format !== "binary" && `format ${format}`,
    pattern !== undefined && `matches ${pattern}`,
    between(schema.minLength, schema.maxLength, "characters"),
    !Array.isArray(items) && between(schema.minItems, schema.maxItems, "items"),
    betweenNumbers(schema),
    schema.default !== undefined && `default ${JSON.stringify(schema.default)}`,
  ];
  const parts = [
    ...itemsOf(items),
    ...fieldsOf(schema).map(({ name, field }) => ({ name, notes: notesOf(field) })),
  ];
  const inner = parts.map(({ name, notes }) => notes && `${name} (${notes})`);
  return [...own, ...inner].filter(Boolean).join("; ");
}

/** A value that the schema takes, as a client's code would have it. @param field its name. */
export function sampleOf(field: string, schema: Schema): string {
  const { items, enum: values } = schema;
  const [option] = schema.oneOf ?? schema.anyOf ?? [];
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (values) return JSON.stringify(values[0]);
  if (option) return sampleOf(field, option);
  if (schema.format === "binary") return field;
  if (Array.isArray(items)) return `[${items.map((item) => sampleOf(field, item)).join(", ")}]`;
  switch (schema.type) {
    case "array": {
      const count = Math.min(Math.max(1, schema.minItems ?? 0), schema.maxItems ?? Infinity);
      const item = sampleOf(field, items ?? {});
      return count > 3 ? `Array(${count}).fill(${item})` : `[${Array(count).fill(item).join(", ")}]`;
    }
    case "object":
      return sampleOfObject(schema);
    case "number":
    case "integer":
      return String(sampleNumber(schema));
    case "boolean":
      return "true";
    case "null":
      return "null";
    default:
      return sampleText(field, schema);
  }
}

function fieldsOf({ properties = {}, required = [] }: Schema) {
  return Object.entries(properties).map(([name, field]) => ({
    name: isName.test(name) ? name : JSON.stringify(name),
    isRequired: required.includes(name),
    field,
  }));
}

/** One line for all items, where the same is true for each. */
function itemsOf(items: Schema["items"]): { name: string; notes: string }[] {
  if (!items) return [];
  const all = [items].flat().map(notesOf);
  if (new Set(all).size === 1) return [{ name: "each", notes: all[0] ?? "" }];
  return all.map((notes, index) => ({ name: `item ${index + 1}`, notes }));
}

function between(least: number | undefined, most: number | undefined, what: string): string {
  if (most === undefined) return least === undefined ? "" : `at least ${least} ${what}`;
  return least === most ? `${most} ${what}` : `${least ?? 0}-${most} ${what}`;
}

function betweenNumbers({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  const parts = [
    minimum !== undefined && `at least ${minimum}`,
    maximum !== undefined && `at most ${maximum}`,
    exclusiveMinimum !== undefined && `more than ${exclusiveMinimum}`,
    exclusiveMaximum !== undefined && `less than ${exclusiveMaximum}`,
  ];
  return parts.filter(Boolean).join(", ");
}

const isName = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

function sampleOfObject(schema: Schema): string {
  const required = fieldsOf(schema).filter(({ isRequired }) => isRequired);
  if (required.length === 0) return "{}";
  return `{ ${required.map(({ name, field }) => `${name}: ${sampleOf(name, field)}`).join(", ")} }`;
}

function sampleNumber({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): number {
  if (minimum !== undefined && minimum > 1) return minimum;
  if (exclusiveMinimum !== undefined && exclusiveMinimum >= 1) return exclusiveMinimum + 1;
  if (maximum !== undefined && maximum < 1) return maximum;
  return exclusiveMaximum !== undefined && exclusiveMaximum <= 1 ? exclusiveMaximum - 1 : 1;
}

const ofFormat: Record<string, string> = {
  email: "ada@example.com",
  uri: "https://example.com",
  date: "2030-01-31",
  time: "12:00:00",
  "date-time": "2030-01-31T12:00:00Z",
};

function sampleText(
  field: string,
  { format = "", pattern, minLength = 0, maxLength = Infinity }: Schema,
): string {
  if (field === "documentId") return '"welcome"';
  const takesUuid =
    minLength <= 36 && maxLength >= 36 && (pattern === undefined || new RegExp(pattern).test(uuid));
  if (format === "uuid" || (field === "id" && takesUuid)) return "crypto.randomUUID()";
  const candidates = [ofFormat[format] ?? "Hello", "hello", "a", "1", "#123456"];
  const fits = (text: string) => pattern === undefined || new RegExp(pattern, "u").test(text);
  const text = candidates.find(fits) ?? "…";
  return JSON.stringify(text.padEnd(minLength, text).slice(0, maxLength));
}

/** As `crypto.randomUUID` makes them. */
const uuid = "123e4567-e89b-42d3-a456-426614174000";
