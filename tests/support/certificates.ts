import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificates {
  /** Of who vouches for the server. */
  ca: string;
  cert: string;
  key: string;
}

/** Certificates for a server on loopback, by an authority of their own; paths of files in `folder`. */
export function makeCertificates(folder: string, name: string): Certificates {
  const path = (file: string) => join(folder, `${name}-${file}`);
  const [caKey, ca, key, request, cert, extensions] = [
    "ca.key",
    "ca.pem",
    "server.key",
    "server.csr",
    "server.pem",
    "server.ext",
  ].map(path) as [string, string, string, string, string, string];
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...newKey, "-keyout", caKey, "-out", ca, "-days", "2", "-subj", "/CN=tests");
  openssl("req", ...newKey, "-keyout", key, "-out", request, "-subj", "/CN=redis");
  writeFileSync(extensions, "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
  const signing = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-days", "2", "-extfile", extensions];
  openssl("x509", "-req", "-in", request, "-out", cert, ...signing);
  return { ca, cert, key };
}
