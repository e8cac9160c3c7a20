import { connect } from "node:net";

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly messages: number;
  /** One message as sent in DATA, with the lone dot. */
  readonly data: Uint8Array;
}

const transaction = "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n";

/** Sends the messages over connections that are kept open; resolves with the seconds it took, or rejects at the first refusal. */
export async function runSmtpLoad({ port, connections, messages, data }: Load): Promise<number> {
  let left = messages;
  const startedMs = performance.now();
  const sendAll = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      /** The replies still owed before the next step: greeting, EHLO, then MAIL RCPT DATA, then the message. */
      const steps = [
        { replies: 1, next: () => socket.write("EHLO bench.example.org\r\n") },
        { replies: 1, next: () => begin() },
      ];
      const begin = () => {
        if (left === 0) return socket.end("QUIT\r\n");
        left -= 1;
        steps.push({ replies: 3, next: () => socket.write(data) }, { replies: 1, next: begin });
        return socket.write(transaction);
      };
      let owed = 1;
      let rest = "";
      socket.on("data", (chunk) => {
        const lines = (rest + chunk.toString("latin1")).split("\r\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          if (line[3] === "-") continue;
          if (line.charCodeAt(0) > 0x33) return reject(new Error(`refused: ${line}`));
          owed -= 1;
          if (owed > 0) continue;
          const step = steps.shift();
          if (step === undefined) continue;
          step.next();
          owed = steps[0]?.replies ?? 0;
        }
      });
      socket.on("error", reject).on("close", () => resolve());
    });
  await Promise.all(Array.from({ length: connections }, sendAll));
  if (left > 0) throw new Error(`${left} messages were not sent`);
  return (performance.now() - startedMs) / 1000;
}

/** A message of about `sizeBytes`: a small header and lines of 76 letters. */
export function createData(sizeBytes: number): Buffer {
  const header = "From: a@example.org\r\nTo: b@example.com\r\nSubject: bench\r\n\r\n";
  const line = `${"x".repeat(76)}\r\n`;
  const lines = Math.max(1, Math.round((sizeBytes - header.length) / line.length));
  return Buffer.from(`${header}${line.repeat(lines)}.\r\n`);
}
