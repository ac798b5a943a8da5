import { createTurns } from "../util/turns.ts";
import { Refusal } from "../util/errors.ts";

export interface PasswordCheckOptions {
  username: string;
  /** By bcrypt. */
  passwordHash: string;
  /** bcrypt's: takes a good part of a second of the processor, whichever password it is. */
  compare: (password: string, hash: string) => Promise<boolean>;
  /** Told of every comparison. */
  onCompare: () => void;
}

/** Attempts that may wait for their turn; each takes as long as a comparison does. */
const maxWaiting = 16;
/** bcrypt itself looks at 72 bytes. */
const maxLength = 256;

/**
 * Judges the one user's name and password, one attempt at a time in the process: many comparisons at once would
 * take all of the processor. Another name is compared like the right one, so that the time does not tell names.
 *
 * @returns whether both are right.
 * @throws {Refusal} `overloaded` when too many attempts wait.
 */
export function createPasswordCheck({ username, passwordHash, compare, onCompare }: PasswordCheckOptions) {
  const inTurn = createTurns(1);
  let waiting = 0;

  return async (name: string, password: string): Promise<boolean> => {
    if (password.length > maxLength) return false;
    if (waiting >= maxWaiting) throw new Refusal("overloaded", "too many attempts; try again later");
    waiting += 1;
    try {
      return await inTurn(async () => {
        onCompare();
        return (await compare(password, passwordHash)) && name === username;
      });
    } finally {
      waiting -= 1;
    }
  };
}
