import type { Page } from "playwright-core";

/** A read waits for the writes before it: a tab that is closed within milliseconds of a key takes that with it. */
export async function copyIsWritten(page: Page, name: string): Promise<void> {
  await page.evaluate(
    (database) =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open(database);
        opening.addEventListener("error", () => reject(new Error(`no ${database}`)));
        opening.addEventListener("success", () => {
          const counting = opening.result.transaction("updates").objectStore("updates").count();
          counting.addEventListener("success", () => {
            opening.result.close();
            resolve();
          });
        });
      }),
    name,
  );
}

/** Holds what a device keeps of a document, so that a page that opens it must wait until `isHeld` of this page is false. */
export async function holdCopy(page: Page, name: string): Promise<void> {
  await page.evaluate(
    (database) =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open(database);
        opening.addEventListener("success", () => {
          const updates = opening.result.transaction("updates", "readwrite").objectStore("updates");
          const state = Object.assign(globalThis, { isHeld: true });
          // A transaction ends by itself when nothing more is asked of it.
          const ask = () => void (state.isHeld && updates.count().addEventListener("success", ask));
          ask();
          resolve();
        });
      }),
    name,
  );
}
