import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

/** What both have; HSTS is the balancer's, as it alone knows of TLS. */
const common = {
  strictTransportSecurity: false,
  xFrameOptions: "DENY",
  permissionsPolicy: {
    camera: [],
    microphone: [],
    geolocation: [],
    payment: [],
    usb: [],
    serial: [],
    midi: [],
    displayCapture: [],
  },
} satisfies Parameters<typeof secureHeaders>[0];

/** For everything that is no page: should a browser show it as one, it may do nothing. */
export function answerHeaders(): MiddlewareHandler {
  return secureHeaders({
    ...common,
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    // A page's own come first.
    overwrite: false,
  });
}

/**
 * For the page: its own files and this server, nothing inline and nothing from elsewhere. Whatever others
 * wrote into a document or a name could not run even if it got into the markup.
 */
export function pageHeaders(): MiddlewareHandler {
  return secureHeaders({
    ...common,
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      // Pictures that the bundler put into the styles.
      imgSrc: ["'self'", "data:"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  });
}
