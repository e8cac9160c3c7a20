/** The only importer of undici here. */
import { type LookupAddress, lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Readable } from "node:stream";
import { rootCertificates } from "node:tls";
import { Agent, type Dispatcher, request } from "undici";
import { describeError } from "../mail/errors.ts";
import type { Post, PostRequest, PostResult } from "../mail/ports.ts";
import { isPublicAddress } from "./public-address.ts";

export interface PostOptions {
  /** As `dns.lookup`, asked for all addresses. */
  readonly lookup?: LookupFunction;
  /** A certificate authority (PEM) trusted besides the public ones. */
  readonly ca?: string;
  readonly connectTimeoutMs?: number;
}

/** Of a request's time, what finding the address, TCP and TLS may take. */
const connectTimeoutDefaultMs = 10_000;

/** Of the answer's body; the rest is not read. */
export const answerMaxBytes = 16 * 1024;

/** Posts to public https addresses, or, where a request allows it, to any; follows no redirect. */
export function createPost(options: PostOptions = {}): Post {
  const { lookup = systemLookup, ca, connectTimeoutMs: timeout = connectTimeoutDefaultMs } = options;
  const connect = { timeout, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) };
  // The two never share a connection: one that a request may use for a private address is none of the public agent's.
  const anywhere = new Agent({ allowH2: false, connect: { ...connect, lookup } });
  const publicOnly = new Agent({ allowH2: false, connect: { ...connect, lookup: publicLookup(lookup) } });
  return async (post) => {
    const refusal = judgeUrl(post);
    if (refusal !== null) return refusal;
    try {
      return await send(post, post.allowPrivateAddress ? anywhere : publicOnly);
    } catch (error) {
      return explain(error);
    }
  };
}

/** Looks a name up for the very connection that is opened, so that no other answer can come between check and use. */
export function publicLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const addresses = typeof found === "string" ? [] : found;
      const refused = addresses.find(({ address }) => !isPublicAddress(address));
      if (refused !== undefined) return callback(new PrivateAddressError(hostname, refused), []);
      const [first] = addresses;
      if (first === undefined) return callback(new NoAddressError(hostname), []);
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
}

class PrivateAddressError extends Error {
  readonly code = "private-address";

  constructor(hostname: string, { address }: LookupAddress) {
    super(`${hostname} is ${address}, which is not a public address`);
  }
}

class NoAddressError extends Error {
  readonly code = "ENODATA";

  constructor(hostname: string) {
    super(`${hostname} has no address`);
  }
}

function judgeUrl({ url, allowPrivateAddress }: PostRequest): PostResult | null {
  const parsed = URL.parse(url);
  const refuse = (code: string, detail: string): PostResult => ({ kind: "error", code, detail });
  if (parsed === null) return refuse("bad-url", "the endpoint's URL cannot be read");
  const { protocol, hostname } = parsed;
  if (protocol !== "https:" && protocol !== "http:")
    return refuse("bad-url", `${protocol} is not a web protocol`);
  if (allowPrivateAddress) return null;
  if (protocol === "http:")
    return refuse("https-required", "only https is sent to, unless allowPrivateAddress is set");
  // The URL parser has turned decimal, octal and short forms into four numbers; an address is never looked up.
  const address = hostname.replace(/^\[|\]$/g, "");
  if (isIP(address) !== 0 && !isPublicAddress(address))
    return refuse("private-address", `${address} is not a public address`);
  return null;
}

async function send(post: PostRequest, dispatcher: Dispatcher): Promise<PostResult> {
  const { url, timeoutMs } = post;
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await request(url, { method: "POST", ...contentOf(post), signal, dispatcher });
  const retryAfter = [response.headers["retry-after"]].flat()[0] ?? null;
  return {
    kind: "answer",
    status: response.statusCode,
    retryAfter,
    excerpt: await readExcerpt(response.body),
  };
}

/** With its length, a body that is made while it is sent arrives as any other. */
function contentOf({ headers, body }: PostRequest) {
  if (typeof body === "string") return { headers, body };
  const length = String(body.sizeBytes);
  return { headers: { ...headers, "content-length": length }, body: Readable.from(body.open()) };
}

/** The status has come, and decides: a body that drips past the timeout, or breaks, only makes the excerpt shorter. */
async function readExcerpt(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes >= answerMaxBytes) break;
    }
  } catch {
    // Cut short.
  }
  return Buffer.concat(chunks).subarray(0, answerMaxBytes).toString();
}

/** Words for people, by the error codes of Node and undici. */
const meanings: readonly (readonly [code: RegExp, word: string])[] = [
  [/^private-address$/, "private-address"],
  [/^(ENOTFOUND|EAI_.*|ENODATA)$/, "dns"],
  [/^(ETIMEDOUT|UND_ERR_.*TIMEOUT|TimeoutError)$/, "timeout"],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)$/, "unreachable"],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, "connection-lost"],
  [/^(ERR_TLS_.*|ERR_SSL_.*|EPROTO|CERT_.*|SELF_SIGNED_.*|DEPTH_ZERO_.*|UNABLE_TO_.*|ERR_OSSL_.*)$/, "tls"],
  [/^(HPE_.*|HTTPParserError|UND_ERR_HEADERS_OVERFLOW)$/, "bad-answer"],
];

function explain(error: unknown): PostResult {
  // Of several, one for each address of the name, the first says enough.
  const cause = error instanceof AggregateError ? error.errors[0] : error;
  const word = meanings.find(([pattern]) => pattern.test(codeOf(cause)))?.[1] ?? "failed";
  return { kind: "error", code: word, detail: describeError(cause) };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
