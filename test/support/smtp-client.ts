import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** An SMTP client of raw octets: it sends what it is told and hands out what comes back, reply by reply. */
export interface SmtpClient {
  send(octets: Uint8Array | string): void;
  /** The next reply as sent, its lines ending in CRLF; null when the server has closed. */
  reply(): Promise<string | null>;
  /** Sends a line (CRLF is added) and waits for the reply. */
  command(line: string): Promise<string | null>;
  /** What came and was not taken as a reply. */
  unread(): string;
  /** Gives the name that the server's certificate is for. */
  startTls(serverName?: string): Promise<string>;
  /** Sends no more, and gives the replies that still come. */
  end(): Promise<readonly string[]>;
  /** Is gone, as when a cable is cut. */
  destroy(): void;
  readonly localPort: number;
}

const wholeReply = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r\n/;

export async function openSmtpClient(
  port: number,
  { allowHalfOpen = false }: { readonly allowHalfOpen?: boolean } = {},
): Promise<SmtpClient> {
  const raw = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen });
  let socket: Socket = raw;
  let received = "";
  let isClosed = false;
  let wake: () => void = () => undefined;
  const listen = (on: Socket) => {
    on.on("data", (octets: Buffer) => {
      received += octets.toString("latin1");
      wake();
    });
    on.on("error", () => undefined);
    on.on("close", () => {
      isClosed = true;
      wake();
    });
  };
  listen(raw);
  await once(raw, "connect");

  const reply = async (): Promise<string | null> => {
    for (;;) {
      const whole = wholeReply.exec(received)?.[0];
      if (whole !== undefined) {
        received = received.slice(whole.length);
        return whole;
      }
      if (isClosed) return null;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const send = (octets: Uint8Array | string) => void socket.write(octets);
  return {
    send,
    reply,
    command: (line) => {
      send(`${line}\r\n`);
      return reply();
    },
    unread: () => received,
    startTls: async (servername = "") => {
      raw.removeAllListeners("data");
      const secure = connectTls({ socket: raw, rejectUnauthorized: false, servername });
      socket = secure;
      listen(secure);
      await once(secure, "secureConnect");
      return String(secure.getPeerCertificate().subject.CN);
    },
    end: async () => {
      socket.end();
      const rest: string[] = [];
      for (let next = await reply(); next !== null; next = await reply()) rest.push(next);
      return rest;
    },
    destroy: () => socket.destroy(),
    localPort: raw.localPort ?? 0,
  };
}
