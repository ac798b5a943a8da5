/*
 * Runs in the browser's background and opens the page while the server is away: as it was last time. What features
 * keep on the device is theirs, and none of this.
 */

interface ExtendableEvent extends Event {
  waitUntil: (work: Promise<unknown>) => void;
}

interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith: (response: Promise<Response>) => void;
}

/** Of a service worker's own types, which don't go with those of pages, what is used. */
interface WorkerEvents {
  install: ExtendableEvent;
  fetch: FetchEvent;
}
const worker = globalThis as unknown as {
  addEventListener: <E extends keyof WorkerEvents>(
    name: E,
    listener: (event: WorkerEvents[E]) => void,
  ) => void;
  skipWaiting: () => Promise<void>;
};

const cacheName = "trimaran:page";
/** One page for all rooms. */
const shell = "/d/welcome";
const files = [shell, "/assets/page.js", "/assets/page.css", "/assets/icon.svg"];
/** A server that hangs does not answer that it does. */
const answerWithinMs = 3000;

worker.addEventListener("install", (event) => {
  const copied = caches.open(cacheName).then((cache) => cache.addAll(files));
  event.waitUntil(copied.then(() => worker.skipWaiting()));
});

/** Whether the last page was a copy: what belongs to it then is, too, without asking for each file again. */
let isCopied = false;

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const isPage = request.mode === "navigate";
  const file = isPage ? shell : pathname;
  if (request.method !== "GET" || origin !== location.origin || !files.includes(file)) return;
  event.respondWith(isPage ? page(request) : part(request, file));
});

async function page(request: Request): Promise<Response> {
  const copy = await copyOf(shell);
  const answer = await newest(request, shell, copy);
  isCopied = answer === copy;
  return answer;
}

async function part(request: Request, file: string): Promise<Response> {
  const copy = await copyOf(file);
  return copy && isCopied ? copy : newest(request, file, copy);
}

async function copyOf(file: string): Promise<Response | undefined> {
  const cache = await caches.open(cacheName);
  return cache.match(file);
}

/** The server's, so that a new version is seen at once; the copy only while there is none. */
async function newest(request: Request, file: string, copy: Response | undefined): Promise<Response> {
  const asking = new AbortController();
  const timer = copy && setTimeout(() => asking.abort(), answerWithinMs);
  try {
    const answer = await fetch(request, { signal: asking.signal });
    clearTimeout(timer);
    if (answer.ok) await keep(file, answer.clone());
    // What a balancer says that has no replica to ask.
    return copy && answer.status >= 502 ? copy : answer;
  } catch (error) {
    if (copy) return copy;
    throw error;
  }
}

async function keep(file: string, answer: Response): Promise<void> {
  try {
    const cache = await caches.open(cacheName);
    await cache.put(file, answer);
  } catch {
    // No room left on this device: the page is shown all the same.
  }
}
