import { randomBytes } from "node:crypto";
import { createSmtpServer, type SmtpServerDeps } from "../../functions/smtp/server.ts";
import type { Settings } from "./settings.ts";
import { openSecureContext } from "./tls.ts";

export interface FrontEnd {
  readonly port: number;
  close(): Promise<void>;
}

/** How long Ctrl-C waits for messages that are on their way in. */
const stopMs = 5_000;

/** The SMTP front end in this process, with a certificate of its own. */
export async function startFrontEnd(
  { host, smtpPort, folder }: Settings,
  deps: Pick<SmtpServerDeps, "store" | "log" | "now" | "config" | "resolve">,
): Promise<FrontEnd> {
  const context = await openSecureContext(folder, { hostname: deps.config().hostname, nowMs: deps.now() });
  const server = createSmtpServer(
    { limits: { stopMs } },
    { ...deps, secureContext: () => context, randomBytes },
  );
  const { port } = await server.listen(smtpPort, host);
  return { port, close: server.close };
}
