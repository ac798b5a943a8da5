import type { RoomId } from "../contract/room-id.ts";
import type { Authorize } from "./permissions.ts";
import type { Revocations } from "./revocations.ts";
import type { VerifyToken } from "./tokens.ts";
import type { Action, User } from "./user.ts";

export interface AccessOptions {
  /** Absent: the server is open, and nobody has an identity. */
  verify?: VerifyToken | undefined;
  authorize: Authorize;
  revocations: Revocations;
  now?: () => number;
}

export type Access = ReturnType<typeof createAccess>;

/** Who somebody is, and what they may do: the one place that is asked, by events and by HTTP. */
export function createAccess({ verify, authorize, revocations, now = Date.now }: AccessOptions) {
  const isCurrent = (user: User): boolean => user.expiresAtMs > now() && !revocations.isRevoked(user);

  return {
    /** Whether everybody may do everything. */
    isOpen: verify === undefined,

    /**
     * @returns the user, or undefined when the server is open.
     * @throws {Refusal} `unauthorized` or `unavailable`, as `VerifyToken` says.
     */
    identify: async (token: string | undefined): Promise<User | undefined> => verify?.(token),

    /** Whether a user's token still counts. */
    isCurrent,

    /** Whether this may be done now. */
    may(user: User | undefined, room: RoomId, action: Action): boolean | Promise<boolean> {
      if (user && revocations.isRevoked(user, room, action)) return false;
      return authorize(user, room, action);
    },
  };
}
