const key = "trimaran:token";

/**
 * The token that the page's address brought as `#token=…`, or brought earlier in this tab. Your own product
 * gets one from its backend instead, with the session of whoever is signed in.
 */
export function loadToken(): string | undefined {
  const brought = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!brought) return read();
  // Out of the address: that is copied and shared.
  history.replaceState(null, "", location.pathname + location.search);
  try {
    sessionStorage.setItem(key, brought);
  } catch {
    // Storage may be switched off: the token then lasts as long as the page.
  }
  return brought;
}

function read(): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Whose it is, as it says itself: to keep people's copies on one device apart, and for nothing else. */
export function userOf(token: string | undefined): string {
  try {
    const payload = token?.split(".")[1] ?? "";
    const { sub } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as { sub?: unknown };
    return typeof sub === "string" ? sub.slice(0, 128) : "";
  } catch {
    return "";
  }
}
