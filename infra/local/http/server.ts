import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { ObjectStore } from "../../../functions/mail/ports.ts";
import type { LocalObjectUrls } from "../object-urls.ts";
import { renderPage } from "./page.ts";
import type { Sink } from "./sink.ts";

export interface HttpDeps {
  readonly sink: Sink;
  readonly store: ObjectStore;
  readonly urls: LocalObjectUrls;
  readonly now: () => number;
}

type Respond = (request: IncomingMessage, response: ServerResponse, rest: Rest) => Promise<void> | void;
interface Rest {
  readonly url: URL;
  readonly deps: HttpDeps;
}

/** A webhook body holds text and HTML of at most 256 KB each, escaped, and headers of at most 256 KB. */
export const sinkBodyMaxSizeBytes = 8 * 1024 * 1024;

const requestTimeoutMs = 30_000;

const routes: readonly (readonly [method: string, path: RegExp, respond: Respond])[] = [
  [
    "GET",
    /^\/$/,
    (_, response, { deps }) => answer(response, 200, renderPage(deps.sink.deliveries()), "text/html"),
  ],
  ["GET", /^\/healthz$/, (_, response) => answer(response, 200, "ok")],
  ["GET", /^\/api\/v1\/deliveries$/, listDeliveries],
  ["GET", /^\/objects\//, sendObject],
  ["POST", /^\/sink\/[a-z][a-z0-9-]*$/, takeWebhook],
];

/** The runner's HTTP port: the sink, what it got, and the objects that webhooks link to. Loopback names only. */
export function createHttpServer(deps: HttpDeps): Server {
  const server = createServer({ requestTimeout: requestTimeoutMs }, (request, response) => {
    dispatch(request, response, deps).catch(() => {
      if (response.headersSent) response.destroy();
      else answer(response, 500, "internal error");
    });
  });
  return server;
}

async function dispatch(request: IncomingMessage, response: ServerResponse, deps: HttpDeps): Promise<void> {
  // A page of the web that made its name resolve to 127.0.0.1 (DNS rebinding) sends its own name here.
  if (!isLoopbackHost(request.headers.host))
    return answer(response, 421, "this server answers to loopback names only");
  const url = URL.parse(request.url ?? "/", "http://localhost");
  const found = url === null ? [] : routes.filter(([, path]) => path.test(url.pathname));
  const route = found.find(([method]) => method === request.method);
  if (url === null || found.length === 0) return answer(response, 404, "not found");
  if (route === undefined) return answer(response, 405, "method not allowed");
  await route[2](request, response, { url, deps });
}

const isLoopbackHost = (host: string | undefined) =>
  /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host ?? "");

function listDeliveries(_: IncomingMessage, response: ServerResponse, { deps }: Rest): void {
  answer(response, 200, JSON.stringify(deps.sink.deliveries()), "application/json");
}

async function takeWebhook(
  request: IncomingMessage,
  response: ServerResponse,
  { url, deps }: Rest,
): Promise<void> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    if (sizeBytes > sinkBodyMaxSizeBytes) return answer(response, 413, "the body is too large");
    chunks.push(chunk);
  }
  const endpoint = url.pathname.slice("/sink/".length);
  const taken = deps.sink.take(endpoint, request.headers, Buffer.concat(chunks).toString());
  answer(response, taken.status, taken.answer);
}

async function sendObject(_: IncomingMessage, response: ServerResponse, { url, deps }: Rest): Promise<void> {
  const key = decodePath(url.pathname.slice("/objects/".length));
  if (key === null || !deps.urls.verify(key, url.searchParams, deps.now()))
    return answer(response, 403, "the signature is not right, or the URL has expired");
  const object = await deps.store.get(key);
  if (object === null) return answer(response, 404, "no such object");
  // What came by mail is never shown by the browser, only saved.
  response.writeHead(200, {
    ...securityHeaders,
    "content-type": "application/octet-stream",
    "content-disposition": "attachment",
    "content-length": object.sizeBytes,
  });
  await pipeline(object.body, response);
}

function decodePath(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

const securityHeaders = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

function answer(response: ServerResponse, status: number, body: string, contentType = "text/plain"): void {
  response
    .writeHead(status, { ...securityHeaders, "content-type": `${contentType}; charset=utf-8` })
    .end(body);
}
