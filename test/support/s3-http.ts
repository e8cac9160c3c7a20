/** Requests and replies of the S3 server, below what the operations mean. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import { PermanentError } from "../../functions/mail/errors.ts";
import type { ByteRange, ObjectAttributes } from "../../functions/mail/ports.ts";
import { toXml } from "./s3-xml.ts";

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
}

/** What S3 refuses, by its own name. */
export class S3Error extends Error {
  override readonly name = "S3Error";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

const metadataPrefix = "x-amz-meta-";

export function attributesOf({ headers }: IncomingMessage): ObjectAttributes {
  const metadata: Record<string, string> = {};
  for (const name in headers) {
    if (name.startsWith(metadataPrefix)) metadata[name.slice(metadataPrefix.length)] = String(headers[name]);
  }
  const contentType = headers["content-type"];
  return contentType === undefined ? { metadata } : { contentType, metadata };
}

/** Ranges of any other form are ignored, as HTTP allows. */
export function rangeOf({ headers }: IncomingMessage): ByteRange | undefined {
  const [, start, end] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(headers.range ?? "") ?? [];
  if (start === undefined) return undefined;
  return end === undefined || end === ""
    ? { start: Number(start) }
    : { start: Number(start), end: Number(end) };
}

/** Events, not `for await`: a third of the CPU of a small request. */
export async function readBody(request: IncomingMessage): Promise<readonly Uint8Array[]> {
  if (request.headers["content-encoding"] === "aws-chunked") throw new S3Error(501, "NotImplemented");
  const chunks: Uint8Array[] = [];
  await new Promise<void>((resolve, reject) => {
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", resolve);
    request.on("close", () => request.complete || reject(new S3Error(400, "RequestTimeout")));
  });
  const expected = request.headers["x-amz-checksum-crc32"];
  if (expected !== undefined && expected !== checksumOf(chunks)) throw new S3Error(400, "BadDigest");
  return chunks;
}

function checksumOf(chunks: readonly Uint8Array[]): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(chunks.reduce((crc, chunk) => crc32(chunk, crc), 0));
  return bytes.toString("base64");
}

let etags = 0;

/** Opaque, as S3's are for multipart objects: a digest of the body would cost more than all else here. */
export const createEtag = () => `"${(++etags).toString(16).padStart(32, "0")}"`;

export const xml = (name: string, content: Parameters<typeof toXml>[1]): Reply => ({
  status: 200,
  headers: { "content-type": "application/xml" },
  body: toXml(name, content),
});

export function toReply(error: unknown): Reply {
  if (error instanceof S3Error) return { ...xml("Error", { Code: error.code }), status: error.status };
  const [status, Code] = error instanceof PermanentError ? [400, "InvalidArgument"] : [500, "InternalError"];
  return { ...xml("Error", { Code, Message: String(error) }), status };
}

export function send(
  { status, headers = {}, body = "" }: Reply,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (typeof body === "string") {
    const length = request.method === "HEAD" ? {} : { "content-length": Buffer.byteLength(body) };
    response.writeHead(status, { ...length, ...headers });
    response.end(request.method === "HEAD" ? undefined : body);
    return;
  }
  response.writeHead(status, headers);
  pipeline(body, response).catch(() => response.destroy());
}
