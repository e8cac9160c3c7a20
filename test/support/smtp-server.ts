import { randomBytes } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import type { Protocol } from "../../functions/smtp/arrival.ts";
import type { ServerLimits } from "../../functions/smtp/limits.ts";
import { makeSelfSigned } from "../../functions/smtp/self-signed.ts";
import { createSmtpServer, type SmtpServer, type SmtpServerDeps } from "../../functions/smtp/server.ts";
import { createMemoryStore, type MemoryStore } from "./memory-store.ts";
import { testConfig } from "./smtp-peer.ts";

export interface TestServer extends SmtpServer {
  readonly port: number;
  readonly store: MemoryStore;
  readonly events: StageEvent[];
}

let certificate: ReturnType<typeof makeSelfSigned> | undefined;

/** The certificate of all tests of this process: making one takes longer than a test. */
export function testCertificate() {
  certificate ??= makeSelfSigned("mx.test");
  return certificate;
}

/** A server on a port of its own, with a store in memory. */
export async function startTestServer(
  { protocol = "smtp", ...limits }: Partial<ServerLimits> & { readonly protocol?: Protocol } = {},
  deps: Partial<SmtpServerDeps> = {},
): Promise<TestServer> {
  const store = createMemoryStore();
  const events: StageEvent[] = [];
  const server = createSmtpServer(
    { limits },
    {
      store,
      config: () => testConfig(),
      log: (event) => events.push(event),
      now: Date.now,
      randomBytes,
      ...deps,
    },
  );
  const { port } = await server.listen(0, "127.0.0.1", protocol);
  return { ...server, port, store, events };
}

/** As a TLS server needs it. */
export const testSecureContext = async () => createSecureContext(await testCertificate());
