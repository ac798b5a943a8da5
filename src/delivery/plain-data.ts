/** Deeper than any data of one's own; what replicas send each other is encoded to a depth of 100. */
const maxDepth = 50;
/** Values in one object of data: more is a mistake, and would cost each question of another replica. */
const maxValues = 10_000;
/** Characters and bytes of it, with its keys: it is written to Redis at each join, where more would keep all others waiting. */
const maxLength = 2 ** 18;

const leftOut = Symbol("left out");

/**
 * A copy of an app's data as far as other replicas can be sent it: without timers, instances of classes, functions,
 * cycles, keys called `__proto__`, and what is nested too deep or too large. Never throws.
 *
 * @param onLeftOut told of each key that is missing in the copy, as a path: `user.timer`.
 */
export function plainData(
  data: unknown,
  onLeftOut: (path: string) => void,
  { canHaveBytes = true } = {},
): Record<string, unknown> {
  let values = 0;
  let length = 0;
  const open = new Set<object>();

  function copy(value: unknown, path: string): unknown {
    values += 1;
    if (typeof value === "string" || value instanceof Uint8Array) {
      if (length + value.length > maxLength) return leftOut;
      length += value.length;
    }
    if (value === null || ["string", "number", "boolean", "undefined"].includes(typeof value)) return value;
    if (typeof value !== "object" || values > maxValues || open.size >= maxDepth || open.has(value))
      return leftOut;
    if (value instanceof Uint8Array) return canHaveBytes ? value : leftOut;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? leftOut : value;
    if (!Array.isArray(value) && !isPlain(value)) return leftOut;
    open.add(value);
    const copied = Array.isArray(value) ? copyItems(value, path) : copyFields(value, path);
    open.delete(value);
    return copied;
  }

  function copyItems(items: readonly unknown[], path: string): unknown[] {
    return items.slice(0, maxValues).map((item, index) => {
      const copied = copy(item, path);
      if (copied === leftOut) onLeftOut(`${path}[${index}]`);
      // The items after it keep their places.
      return copied === leftOut ? null : copied;
    });
  }

  function copyFields(fields: object, path: string): Record<string, unknown> {
    const copied: Record<string, unknown> = {};
    for (const key of Object.keys(fields)) {
      length += key.length;
      const at = path === "" ? key : `${path}.${key}`;
      const value = key === "__proto__" ? leftOut : copyOf(fields, key, at);
      if (value === leftOut) onLeftOut(at.slice(0, 256));
      else copied[key] = value;
    }
    return copied;
  }

  function copyOf(fields: object, key: string, at: string): unknown {
    try {
      return copy((fields as Record<string, unknown>)[key], at);
    } catch {
      // A getter that throws, or a proxy.
      return leftOut;
    }
  }

  const copied = copyOf({ data }, "data", "");
  return typeof copied === "object" && copied !== null ? (copied as Record<string, unknown>) : {};
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
