import { IndexeddbPersistence, clearDocument } from "y-indexeddb";
import type * as Y from "yjs";

const prefix = "trimaran:doc:";
/** A slow storage, or a browser that asks its user first, must not keep the document waiting. */
const loadWithinMs = 1500;

/** The copy of a document on this device, by which edits survive a closed tab while the server is down. */
export interface KeptCopy {
  /** Whether there is one by now. */
  isKept: () => boolean;
  /** Nothing more is kept, and what is goes. */
  forget: () => Promise<void>;
}

/** One person's copies are not another's, who uses the same browser. */
export function nameOfCopy(userId: string, documentId: string): string {
  return `${prefix}${encodeURIComponent(userId)}:${documentId}`;
}

/** Copies that came when the server had been asked already. */
const late = new WeakSet<IndexeddbPersistence>();

/**
 * Whether a change of the document comes from its copy. What comes late is not known to the server, which was told
 * before what this page has: it is sent like an edit.
 */
export const isFromCopy = (origin: unknown): boolean =>
  origin instanceof IndexeddbPersistence && !late.has(origin);

/** Fills the document with what was kept, and keeps what is added from here on. Resolves after a while in any case. */
export async function keepOnDevice(name: string, doc: Y.Doc): Promise<KeptCopy> {
  let persistence: IndexeddbPersistence | undefined;
  let isKept = false;
  let isLate = false;
  let isForgotten = false;

  async function load(): Promise<void> {
    if (!("indexedDB" in globalThis) || !(await isAllowed()) || isForgotten) return;
    persistence = new IndexeddbPersistence(name, doc);
    if (isLate) late.add(persistence);
    await persistence.whenSynced;
    isKept = !isForgotten;
  }

  await Promise.race([
    load().catch(() => undefined),
    new Promise((resolve) => setTimeout(resolve, loadWithinMs)),
  ]);
  isLate = true;
  if (persistence && !isKept) late.add(persistence);
  return {
    isKept: () => isKept,
    async forget() {
      isForgotten = true;
      isKept = false;
      await persistence?.clearData();
    },
  };
}

export function forgetCopy(name: string): Promise<void> {
  return "indexedDB" in globalThis ? clearDocument(name) : Promise.resolve();
}

/** Some browsers have IndexedDB and refuse to open anything; y-indexeddb leaves that rejection to nobody. */
function isAllowed(): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open("trimaran:probe");
      request.addEventListener("success", () => {
        request.result.close();
        resolve(true);
      });
      request.addEventListener("error", () => resolve(false));
    } catch {
      resolve(false);
    }
  });
}
