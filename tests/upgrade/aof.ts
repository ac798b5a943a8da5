const carriageReturn = 0x0d;
const lineEnd = Buffer.from("\r\n");

/**
 * Moves the times at which keys expire in an append-only file of Redis, which has them as Unix times: in a fixture of
 * last year all sessions, idempotency keys and counts of limits would be gone.
 *
 * @param move given the key and its time in milliseconds, gives the new time.
 * @throws {Error} when this is no append-only file; one that ends within a command, as after a crash, is left so.
 */
export function moveExpiries(file: Buffer, move: (key: string, atMs: number) => number): Buffer {
  const moved: Buffer[] = [];
  let from = 0;
  while (from < file.length) {
    const command = readCommand(file, from);
    if (!command) break;
    moved.push(encode(moveOne(command.words, move)));
    from = command.end;
  }
  return Buffer.concat([...moved, file.subarray(from)]);
}

function moveOne(words: Buffer[], move: (key: string, atMs: number) => number): Buffer[] {
  const name = words[0]?.toString().toUpperCase();
  const key = words[1]?.toString() ?? "";
  // Redis writes every relative expiry as one of these two.
  const index =
    name === "PEXPIREAT"
      ? 2
      : name === "SET"
        ? words.findIndex((word, at) => at > 2 && word.toString().toUpperCase() === "PXAT") + 1
        : 0;
  if (index === 0) return words;
  return words.with(index, Buffer.from(String(move(key, Number(words[index])))));
}

/** `*2\r\n$3\r\nGET\r\n$1\r\nk\r\n`; undefined when it is cut off. */
function readCommand(file: Buffer, from: number): { words: Buffer[]; end: number } | undefined {
  const count = readCount(file, from, "*");
  if (!count) return undefined;
  const words: Buffer[] = [];
  let at = count.end;
  while (words.length < count.value) {
    const length = readCount(file, at, "$");
    if (!length || length.end + length.value + lineEnd.length > file.length) return undefined;
    words.push(file.subarray(length.end, length.end + length.value));
    at = length.end + length.value + lineEnd.length;
  }
  return { words, end: at };
}

function readCount(file: Buffer, from: number, mark: string): { value: number; end: number } | undefined {
  if (from >= file.length) return undefined;
  const end = file.indexOf(carriageReturn, from);
  if (end < 0 || end + 1 >= file.length) return undefined;
  const line = file.toString("latin1", from, end);
  if (line[0] !== mark || !/^\d+$/.test(line.slice(1)))
    throw new Error(`no append-only file of Redis: byte ${from} has ${JSON.stringify(line.slice(0, 40))}`);
  return { value: Number(line.slice(1)), end: end + lineEnd.length };
}

function encode(words: Buffer[]): Buffer {
  const parts = words.flatMap((word) => [Buffer.from(`$${word.length}\r\n`), word, lineEnd]);
  return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts]);
}
