import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../deploy/local/free-port.ts";
import { type Process, start, waitFor } from "../../deploy/local/process.ts";

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}

/** An authority of its own, and a certificate for loopback by it. @returns the files. */
export function createCertificates(dir: string, name: string) {
  const file = (suffix: string) => join(dir, `${name}-${suffix}`);
  const [ca, caKey, cert, key, request, extensions] = [
    file("ca.pem"),
    file("ca.key"),
    file("cert.pem"),
    file("key.pem"),
    file("request.pem"),
    file("extensions"),
  ] as const;
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...newKey, "-keyout", caKey, "-out", ca, "-days", "2", "-subj", `/CN=${name}`);
  openssl("req", ...newKey, "-keyout", key, "-out", request, "-subj", "/CN=localhost");
  writeFileSync(extensions, "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  const by = ["-CA", ca, "-CAkey", caKey, "-CAcreateserial", "-days", "2", "-extfile", extensions];
  openssl("x509", "-req", "-in", request, "-out", cert, ...by);
  return { ca, cert, key };
}

export interface TlsRedis {
  process: Process;
  port: number;
  /** Commands as the administrator. */
  admin: (...command: string[]) => string;
}

/** A Redis that speaks TLS alone, whose default user has this password. */
export async function startTlsRedis(
  dir: string,
  { ca, cert, key }: ReturnType<typeof createCertificates>,
  adminPassword: string,
): Promise<TlsRedis> {
  const port = await freePort();
  const tls = ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", ca];
  const process = await start({
    command: "redis-server",
    args: [
      "--port",
      "0",
      "--tls-port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--tls-auth-clients",
      "no",
      "--dir",
      dir,
      "--save",
      "",
      "--requirepass",
      adminPassword,
      ...tls,
    ],
    cwd: dir,
  });
  const admin = (...command: string[]) => {
    const args = ["--tls", "--cacert", ca, "-p", String(port), "--no-auth-warning", "-a", adminPassword];
    const { stdout, stderr } = spawnSync("redis-cli", [...args, ...command], { encoding: "utf8" });
    return (stdout + stderr).trim();
  };
  await waitFor("Redis answers", () => admin("PING") === "PONG");
  return { process, port, admin };
}
