/** smtp-server 3, to compare with: as the obvious front end, and as an oracle. The only importer of it. */
import { once } from "node:events";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** Listens on a port of its own; whatever is wrong with a client is its own trouble. */
export async function startOracle(options: SMTPServerOptions): Promise<{ port: number; close(): void }> {
  const server = new SMTPServer({ authOptional: true, disableReverseLookup: true, ...options });
  server.on("error", () => undefined);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { port: address.port, close: () => server.close() };
}

export type { SMTPServerOptions } from "smtp-server";
