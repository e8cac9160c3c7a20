/**
 * Node's own HTTP client: all that is asked of it is a POST with a lookup of ours, and each cold start would load half a
 * megabyte of another.
 */
import { type LookupAddress, lookup as systemLookup } from "node:dns";
import * as http from "node:http";
import * as https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { pipeline, Readable } from "node:stream";
import { rootCertificates } from "node:tls";
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

/** A connection is kept this long for the next POST to the same place. */
const idleMs = 4_000;

/** Posts to public https addresses, or, where a request allows it, to any; follows no redirect. */
export function createPost({
  lookup = systemLookup,
  ca,
  connectTimeoutMs = connectTimeoutDefaultMs,
}: PostOptions = {}): Post {
  const trusted = ca === undefined ? {} : { ca: [...rootCertificates, ca] };
  // The two never share a connection: one that a request may use for a private address is none of the public agents'.
  const anywhere = createAgents({ lookup, ...trusted });
  const publicOnly = createAgents({ lookup: publicLookup(lookup), ...trusted });
  return async (post) => {
    const refusal = judgeUrl(post);
    if (refusal !== null) return refusal;
    try {
      return await send(post, post.allowPrivateAddress ? anywhere : publicOnly, connectTimeoutMs);
    } catch (error) {
      return explain(error);
    }
  };
}

interface Agents {
  readonly plain: http.Agent;
  readonly secure: https.Agent;
}

function createAgents(connect: { readonly lookup: LookupFunction; readonly ca?: string[] }): Agents {
  const options = { ...connect, keepAlive: true, timeout: idleMs };
  return { plain: new http.Agent(options), secure: new https.Agent(options) };
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

async function send(post: PostRequest, agents: Agents, connectTimeoutMs: number): Promise<PostResult> {
  const outgoing = open(post, agents);
  const giveUp = (ms: number, what: string) =>
    setTimeout(() => outgoing.destroy(new TimeoutError(`${what} within ${ms} ms`)), ms);
  const timer = giveUp(post.timeoutMs, "no answer");
  outgoing.on("socket", (socket) => {
    if (outgoing.reusedSocket) return;
    const connecting = giveUp(connectTimeoutMs, "no connection");
    const stop = () => clearTimeout(connecting);
    socket.once(outgoing.protocol === "https:" ? "secureConnect" : "connect", stop).once("close", stop);
  });
  try {
    const answer = await exchange(outgoing, post.body);
    const { statusCode: status = 0, headers } = answer;
    const retryAfter = headers["retry-after"] ?? null;
    return { kind: "answer", status, retryAfter, excerpt: await readExcerpt(answer) };
  } finally {
    clearTimeout(timer);
    // Whoever has answered before the body's end does not want the rest.
    if (!outgoing.writableFinished) outgoing.destroy();
  }
}

class TimeoutError extends Error {
  readonly code = "ETIMEDOUT";
}

/** With its length, a body that is made while it is sent arrives as any other. */
function open({ url, headers, body }: PostRequest, { plain, secure }: Agents): http.ClientRequest {
  const sizeBytes = typeof body === "string" ? Buffer.byteLength(body) : body.sizeBytes;
  const options = { method: "POST", headers: { ...headers, "content-length": String(sizeBytes) } };
  const parsed = new URL(url);
  return parsed.protocol === "https:"
    ? https.request(parsed, { ...options, agent: secure })
    : http.request(parsed, { ...options, agent: plain });
}

/** Sends the body, and waits for the head of the answer. */
function exchange(outgoing: http.ClientRequest, body: PostRequest["body"]): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    // For good: what goes wrong after the answer has come is no unhandled error.
    outgoing.on("error", reject).on("response", resolve);
    if (typeof body === "string") return void outgoing.end(body);
    // pipeline alone would end the request with no word of what the body failed of.
    const source = Readable.from(body.open()).on("error", (error) => outgoing.destroy(error));
    pipeline(source, outgoing, () => undefined);
  });
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

/** Words for people, by Node's error codes. */
const meanings: readonly (readonly [code: RegExp, word: string])[] = [
  [/^private-address$/, "private-address"],
  [/^(ENOTFOUND|EAI_.*|ENODATA)$/, "dns"],
  [/^ETIMEDOUT$/, "timeout"],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)$/, "unreachable"],
  [/^(ECONNRESET|EPIPE)$/, "connection-lost"],
  [/^(ERR_TLS_.*|ERR_SSL_.*|EPROTO|CERT_.*|SELF_SIGNED_.*|DEPTH_ZERO_.*|UNABLE_TO_.*|ERR_OSSL_.*)$/, "tls"],
  [/^HPE_.*$/, "bad-answer"],
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
