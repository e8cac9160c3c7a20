import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import type { Envelope } from "../mail/messages.ts";

/** What TLS speaks with to who asks for that name (RFC 6066 §3); null, or a throw, when there is nothing. */
export type FindContext = (serverName?: string) => SecureContext | null;

/** Begins the server's side of a handshake, and says when it is done. One that fails closes the socket below. */
export function startTls(
  socket: Socket,
  findContext: FindContext,
  onSecure: (tls: NonNullable<Envelope["tls"]>) => void,
): TLSSocket {
  const secure = new TLSSocket(socket, {
    isServer: true,
    secureContext: findContext() ?? undefined,
    SNICallback: (serverName, answer) => {
      try {
        answer(null, findContext(serverName) ?? undefined);
      } catch (error) {
        answer(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
  // Whatever it was, "close" follows, and says enough.
  secure.on("error", () => undefined);
  secure.on("secure", () => {
    onSecure({ version: secure.getProtocol() ?? "", cipher: secure.getCipher().standardName });
  });
  return secure;
}
