import { type Process, waitFor } from "../../deploy/local/process.ts";

/** As a terminal does it: to the whole foreground process group. */
export function ctrlC({ pid }: Process): void {
  process.kill(-pid, "SIGINT");
}

/** Waits until nothing answers at this address. */
export async function waitUntilGone(url: string): Promise<void> {
  await waitFor(`${url} is gone`, () =>
    fetch(url).then(
      () => false,
      () => true,
    ),
  );
}
