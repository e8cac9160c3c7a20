import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

export interface Canary {
  readonly server: { readonly host: string; readonly port: number };
  /** Whom the mail is for, and from. */
  readonly address: string;
  readonly timeoutMs: number;
}

/** Sends one small mail by SMTP, as any client would, and gives the reply to its end; a throw says what went wrong. */
export async function sendCanary({ server, address, timeoutMs }: Canary, now: Date): Promise<string> {
  const socket = connect(server);
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`silent for ${timeoutMs} ms`)));
  try {
    await once(socket, "connect");
    const ask = conversation(socket);
    await ask(null, "220");
    await ask("EHLO canary.invalid", "250");
    await ask(`MAIL FROM:<${address}>`, "250");
    await ask(`RCPT TO:<${address}>`, "250");
    await ask("DATA", "354");
    const reply = await ask(`${mailOf(address, now)}\r\n.`, "250");
    await ask("QUIT", "221");
    return reply;
  } catch (cause) {
    throw new Error(`the canary did not get into ${server.host}:${server.port}`, { cause });
  } finally {
    socket.destroy();
  }
}

const mailOf = (address: string, now: Date) =>
  [
    `From: <${address}>`,
    `To: <${address}>`,
    `Date: ${now.toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${now.getTime()}.${address}>`,
    "Subject: Canary",
    "",
    "Still singing.",
  ].join("\r\n");

/** Gives a function that says a line, and the last line of the reply, which must begin with the code. */
function conversation(socket: Socket) {
  let error: Error | undefined;
  socket.on("error", (broken) => {
    error = broken;
  });
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })[
    Symbol.asyncIterator
  ]();
  const readReply = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw error ?? new Error("the connection ended");
    return /^\d{3}-/.test(value) ? readReply() : value;
  };
  return async (line: string | null, code: string): Promise<string> => {
    if (line !== null) socket.write(`${line}\r\n`);
    const reply = await readReply();
    if (!reply.startsWith(code)) throw new Error(`${line?.split(/[\r: ]/)[0] ?? "greeting"}: ${reply}`);
    return reply;
  };
}
