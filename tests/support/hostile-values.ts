/** The user whose connections the hostile app is hostile to. */
export const hostileUser = "hostile";

export const bigInt = 1n;

export function cycle(): object {
  const value: { self?: unknown } = {};
  value.self = value;
  return value;
}

export function deepArray(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

export function getterThatThrows(): object {
  return Object.defineProperty({}, "broken", {
    enumerable: true,
    get() {
      throw new Error("a getter that throws");
    },
  });
}

export function protoKey(): Record<string, unknown> {
  return JSON.parse('{"__proto__":{"a":1}}') as Record<string, unknown>;
}
