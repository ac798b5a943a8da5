import { IndexeddbPersistence, clearDocument } from "y-indexeddb";
import type * as Y from "yjs";

const prefix = "trimaran:doc:";
/** A browser without storage, or one that asks its user first, must not keep the document waiting. */
const loadWithinMs = 1500;

/** The copy of a document on this device, by which edits survive a closed tab while the server is away. */
export interface KeptCopy {
  /** Whether there is one. */
  isKept: boolean;
  /** Nothing more is kept, and what is goes. */
  forget: () => Promise<void>;
}

/** One person's copies are not another's, who uses the same browser. */
export function nameOfCopy(userId: string, documentId: string): string {
  return `${prefix}${encodeURIComponent(userId)}:${documentId}`;
}

/** Whether a change of the document comes from its copy. */
export const isFromCopy = (origin: unknown): boolean => origin instanceof IndexeddbPersistence;

/** Fills the document with what was kept, and keeps what is added from here on. */
export async function keepOnDevice(name: string, doc: Y.Doc): Promise<KeptCopy> {
  const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), loadWithinMs));
  const nothing = { isKept: false, forget: () => Promise.resolve() };
  if (!("indexedDB" in globalThis) || !(await Promise.race([isAllowed(), late]))) return nothing;
  const persistence = new IndexeddbPersistence(name, doc);
  const isLoaded = await Promise.race([persistence.whenSynced.then(() => true), late]);
  if (isLoaded) return { isKept: true, forget: () => persistence.clearData() };
  void persistence.destroy();
  return nothing;
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
