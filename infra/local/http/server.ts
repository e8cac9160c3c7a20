import { createServer, type IncomingMessage, type Server } from "node:http";
import { type Answer, problem, writeAnswer } from "./answer.ts";

/** One request, read as far as its header. */
export interface Call {
  readonly request: IncomingMessage;
  readonly url: URL;
  /** What stands in the path's `{places}`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

export interface Route {
  readonly method: string;
  /** `{name}` stands for one segment, `{name...}` for the rest. */
  readonly path: string;
  readonly handle: (call: Call) => Promise<Answer> | Answer;
}

/** A webhook body holds text and HTML of at most 256 KB each, escaped, and headers of at most 256 KB. */
export const bodyMaxSizeBytes = 8 * 1024 * 1024;

const requestTimeoutMs = 30_000;

/** The runner's HTTP port. It answers to loopback names alone, and takes no request that a page of another origin makes. */
export function createHttpServer(
  routes: readonly Route[],
  onBug: (error: unknown) => void = () => undefined,
): Server {
  const compiled = routes.map((route) => ({ ...route, pattern: compile(route.path) }));
  // A client ends an idle connection, never this side: a POST that is on its way then would be lost, and is not sent again.
  const options = { requestTimeout: requestTimeoutMs, keepAliveTimeout: 0 };
  return createServer(options, (request, response) => {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    answerTo(request, { routes: compiled, signal: gone.signal, onBug })
      .then((answer) => writeAnswer(answer, response))
      .catch(() => response.destroy());
  });
}

type Compiled = Route & { readonly pattern: RegExp };

interface Answering {
  readonly routes: readonly Compiled[];
  readonly signal: AbortSignal;
  readonly onBug: (error: unknown) => void;
}

async function answerTo(request: IncomingMessage, { routes, signal, onBug }: Answering): Promise<Answer> {
  // A page of the web that made its name resolve to 127.0.0.1 (DNS rebinding) sends its own name here.
  if (!isLoopbackHost(request.headers.host))
    return problem(421, "this server answers to loopback names only");
  if (isForeign(request)) return problem(403, "a page of another origin may not do this");
  const url = URL.parse(request.url ?? "/", "http://localhost");
  if (url === null) return problem(400, "the URL cannot be read");
  const found = routes.filter(({ pattern }) => pattern.test(url.pathname));
  const route = found.find(({ method }) => method === request.method);
  if (found.length === 0) return problem(404, "not found");
  if (route === undefined) return problem(405, "method not allowed");
  const params = paramsOf(route.pattern, url.pathname);
  if (params === null) return problem(404, "not found");
  try {
    return await route.handle({ request, url, params, signal });
  } catch (error) {
    onBug(error);
    return problem(500, "internal error");
  }
}

const isLoopbackHost = (host: string | undefined) =>
  /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host ?? "");

/** Browsers tell where a request comes from; what tells nothing is no browser, and nobody's cookies are at stake. */
function isForeign({ method, headers }: IncomingMessage): boolean {
  if (method === "GET" || method === "HEAD") return false;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  return headers.origin !== undefined && headers.origin !== `http://${headers.host}`;
}

function compile(path: string): RegExp {
  const pattern = path
    .replace(/[.]/g, "\\.")
    .replace(/\{(\w+)(\\\.\\\.\\\.)?\}/g, (_, name, rest) => `(?<${name}>${rest ? ".+" : "[^/]+"})`);
  return new RegExp(`^${pattern}$`);
}

/** Null where one cannot be decoded. */
function paramsOf(pattern: RegExp, path: string): Readonly<Record<string, string>> | null {
  try {
    const groups = Object.entries(pattern.exec(path)?.groups ?? {});
    return Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    return null;
  }
}

/** The body; null where it is larger than the limit. */
export async function readBody(request: IncomingMessage, maxSizeBytes = bodyMaxSizeBytes) {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxSizeBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export const bodyTooLarge = () => problem(413, "the body is too large");
