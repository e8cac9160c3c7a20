/** What a handler gives: an answer is a value, and one place writes it. */
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { styleHash } from "../inspector/assets.ts";
import type { Html } from "./html.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<string | Uint8Array>;
}

/** No script but our own file, no style but our own, by its hash, nothing from elsewhere: what a mail says cannot become code. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src ${styleHash}`,
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const securityHeaders = {
  "cache-control": "no-store",
  "content-security-policy": pagePolicy,
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-dns-prefetch-control": "off",
};

export const text = (status: number, body: string, contentType = "text/plain"): Answer => ({
  status,
  headers: { "content-type": `${contentType}; charset=utf-8` },
  body,
});

export const json = (value: unknown, status = 200): Answer =>
  text(status, `${JSON.stringify(value)}\n`, "application/json");

/** Why something was not done, in one sentence for people. */
export const problem = (status: number, error: string): Answer => json({ error }, status);

export const page = (content: Html, status = 200): Answer => text(status, content.text, "text/html");

/** What came by mail is never shown by the browser, only saved. */
export const download = (
  body: Answer["body"],
  { filename, sizeBytes }: { readonly filename: string; readonly sizeBytes?: number },
): Answer => ({
  status: 200,
  headers: {
    "content-type": "application/octet-stream",
    // RFC 6266 §5: the name percent-encoded, so that no name ends the field.
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(filename).replace(/['()*]/g, percent)}`,
    ...(sizeBytes === undefined ? {} : { "content-length": String(sizeBytes) }),
  },
  body,
});

const percent = (character: string) => `%${character.charCodeAt(0).toString(16)}`;

export async function writeAnswer(
  { status, headers, body }: Answer,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(status, { ...securityHeaders, ...headers });
  if (typeof body === "string") return void response.end(body);
  response.flushHeaders();
  await pipeline(body, response);
}
