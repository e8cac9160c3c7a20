import { randomBytes } from "node:crypto";
import { fromFiles } from "../../functions/smtp/certificate-sources.ts";
import { openCertificates } from "../../functions/smtp/certificates.ts";
import type { Listener } from "../../functions/smtp/config.ts";
import { problemEvent } from "../../functions/smtp/events.ts";
import { createSmtpServer, type SmtpServerDeps } from "../../functions/smtp/server.ts";
import { nodeTimers } from "../../functions/smtp/timers.ts";
import { explainPort } from "./listen.ts";
import type { Settings } from "./settings.ts";
import { readOwnCertificate } from "./tls.ts";

export interface FrontEnd {
  readonly port: number;
  /** The others, with their real ports. */
  readonly listeners: readonly Listener[];
  close(): Promise<void>;
}

/** How long Ctrl-C waits for messages that are on their way in. */
const stopMs = 5_000;

const reloadMs = 30_000;

const names = { smtp: "SMTP", smtps: "SMTPS", lmtp: "LMTP" } as const;

/** The SMTP front end in this process; it makes a certificate of its own where it is given none. */
export async function startFrontEnd(
  { host, smtpPort, folder, listeners = [], certificates: files = [] }: Settings,
  deps: Pick<SmtpServerDeps, "store" | "log" | "now" | "config" | "resolve" | "keepTranscript">,
): Promise<FrontEnd> {
  const certificates = await openCertificates(files.map(fromFiles), {
    makeSubstitute: () => readOwnCertificate(folder, { hostname: deps.config().hostname, nowMs: deps.now() }),
    report: (error) => deps.log(problemEvent(error, deps.now(), {})),
  });
  const stopReloading = nodeTimers.every(reloadMs, () => void certificates.reload());
  const server = createSmtpServer(
    { limits: { stopMs } },
    { ...deps, secureContext: certificates.find, randomBytes },
  );
  const close = async () => {
    stopReloading();
    await server.close();
  };
  const listen = async ({ protocol, port }: Listener) => {
    const bound = await server.listen(port, host, protocol).catch(explainPort(names[protocol], port));
    return { protocol, port: bound.port };
  };
  try {
    const { port } = await listen({ protocol: "smtp", port: smtpPort });
    const others: Listener[] = [];
    for (const listener of listeners) others.push(await listen(listener));
    return { port, listeners: others, close };
  } catch (error) {
    await close();
    throw error;
  }
}
