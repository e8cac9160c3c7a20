import { once } from "node:events";
import { connect } from "node:net";

export interface RawClient {
  /** The next whole reply, its lines joined by newlines; rejects when the connection ends first. */
  reply(): Promise<string>;
  /** Sends a line (CRLF is added) and waits for the reply. */
  command(line: string): Promise<string>;
  write(bytes: string | Uint8Array): void;
  close(): void;
}

/** An SMTP client on a plain socket that does as it is told and nothing else. */
export async function openRawClient(port: number): Promise<RawClient> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.setNoDelay(true);
  let buffered = "";
  let isEnded = false;
  let wake: () => void = () => undefined;
  const end = () => {
    isEnded = true;
    wake();
  };
  socket.on("error", end).on("close", end);
  socket.on("data", (chunk) => {
    buffered += chunk.toString("latin1");
    wake();
  });

  const reply = async () => {
    for (;;) {
      const whole = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\r\n/.exec(buffered)?.[0];
      if (whole !== undefined) {
        buffered = buffered.slice(whole.length);
        return whole.trimEnd().replaceAll("\r\n", "\n");
      }
      if (isEnded) throw new Error("the connection ended");
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const write = (bytes: string | Uint8Array) => void socket.write(bytes);
  return {
    reply,
    write,
    command: (line) => {
      write(`${line}\r\n`);
      return reply();
    },
    close: () => socket.destroy(),
  };
}
