import { createTransport, type SendMailOptions, type SentMessageInfo } from "nodemailer";
import { CommandError, exitCodes } from "./exit.ts";
import type { Mail } from "./templates.ts";

export interface SendOptions {
  /** `host:port`. */
  readonly server: string;
  readonly count: number;
  readonly connections: number;
}

export interface SendSummary {
  readonly accepted: number;
  readonly refused: readonly string[];
  /** The server's last reply, with the id under which the mail is stored. */
  readonly lastReply: string | null;
}

/** Sends one mail, or `count` of them over a few connections, and counts the replies. */
export async function send(
  mail: Mail,
  { server, count, connections }: SendOptions,
  onProgress: (done: number) => void = () => undefined,
): Promise<SendSummary> {
  const { host, port } = parseServer(server);
  const transport = createTransport({
    host,
    port,
    pool: true,
    maxConnections: connections,
    maxMessages: Number.POSITIVE_INFINITY,
    // The server's certificate is self-signed on first start; this command tests a server, it keeps no secret.
    tls: { rejectUnauthorized: false },
  });
  const options = toOptions(mail);
  const refused: string[] = [];
  let accepted = 0;
  let lastReply: string | null = null;
  const sendOne = async () => {
    try {
      const sent: SentMessageInfo = await transport.sendMail(options);
      accepted += 1;
      lastReply = String(sent.response);
    } catch (error) {
      refused.push(describe(error, server));
    }
    onProgress(accepted + refused.length);
  };
  await inParallel(count, connections, sendOne);
  transport.close();
  return { accepted, refused, lastReply };
}

function toOptions({ mailFrom, rcptTo, content }: Mail): SendMailOptions {
  const envelope = { from: mailFrom ?? "", to: [...rcptTo] };
  if ("raw" in content) return { envelope, raw: content.raw };
  const { to, attachments = [], calendar, ...rest } = content;
  return {
    ...rest,
    envelope,
    to: [...to],
    attachments: attachments.map((attachment) => ({ ...attachment })),
    ...(calendar === undefined ? {} : { icalEvent: { method: "REQUEST", content: calendar } }),
  };
}

async function inParallel(count: number, lanes: number, work: () => Promise<void>): Promise<void> {
  let started = 0;
  const lane = async () => {
    while (started < count) {
      started += 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, lane));
}

function parseServer(server: string): { host: string; port: number } {
  const url = URL.parse(`smtp://${server}`);
  if (url === null || url.hostname === "" || url.port === "")
    throw new CommandError(
      exitCodes.usage,
      `--server is ${JSON.stringify(server)} but must be host:port, as 127.0.0.1:2525`,
    );
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(url.port) };
}

function describe(error: unknown, server: string): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "ESOCKET" && error.message.includes("ECONNREFUSED"))
    return `nothing listens on ${server}: start it with "npm start", or name another with --server`;
  return "response" in error && typeof error.response === "string" ? error.response : error.message;
}
