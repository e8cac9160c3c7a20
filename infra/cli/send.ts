import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { createTransport, type SendMailOptions, type SentMessageInfo } from "nodemailer";

export interface SendOptions {
  /** `host:port`. */
  readonly server: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly attach?: readonly string[];
  /** A file that is sent as it is, in place of subject, text, html and attachments. */
  readonly eml?: string;
  readonly count: number;
  readonly connections: number;
}

export interface SendSummary {
  readonly accepted: number;
  readonly refused: readonly string[];
  /** The server's last reply, with the id under which the mail is stored. */
  readonly lastReply: string | null;
}

/** What the person typed cannot be done; the message says what would. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Sends one mail, or `count` of them over a few connections, and counts the replies. */
export async function send(options: SendOptions, onProgress: (done: number) => void): Promise<SendSummary> {
  const { host, port } = parseServer(options.server);
  const transport = createTransport({
    host,
    port,
    pool: true,
    maxConnections: options.connections,
    maxMessages: Number.POSITIVE_INFINITY,
    // The server's certificate is self-signed on first start; this command tests a server, it keeps no secret.
    tls: { rejectUnauthorized: false },
  });
  const mail = await compose(options);
  const refused: string[] = [];
  let accepted = 0;
  let lastReply: string | null = null;
  const sendOne = async () => {
    try {
      const sent: SentMessageInfo = await transport.sendMail(mail);
      accepted += 1;
      lastReply = String(sent.response);
    } catch (error) {
      refused.push(describe(error, options.server));
    }
    onProgress(accepted + refused.length);
  };
  await inParallel(options.count, options.connections, sendOne);
  transport.close();
  return { accepted, refused, lastReply };
}

async function compose(options: SendOptions): Promise<SendMailOptions> {
  const envelope = { from: options.from, to: [...options.to] };
  if (options.eml !== undefined) return { envelope, raw: await readInput(options.eml) };
  return {
    envelope,
    from: options.from,
    to: [...options.to],
    subject: options.subject,
    text: options.text,
    ...(options.html === undefined ? {} : { html: options.html }),
    attachments: await Promise.all(
      (options.attach ?? []).map(async (path) => ({
        filename: basename(path),
        content: await readInput(path),
      })),
    ),
  };
}

async function readInput(path: string): Promise<Buffer> {
  return readFile(path).catch((cause) => {
    throw new UsageError(`${path} cannot be read: ${cause.code}`, { cause });
  });
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
    throw new UsageError(`--server is ${JSON.stringify(server)} but must be host:port, as 127.0.0.1:2525`);
  return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(url.port) };
}

function describe(error: unknown, server: string): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "ESOCKET" && error.message.includes("ECONNREFUSED"))
    return `nothing listens on ${server}: start it with "npm start", or name another with --server`;
  return "response" in error && typeof error.response === "string" ? error.response : error.message;
}
