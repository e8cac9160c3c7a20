/**
 * AWS Signature Version 4 as S3 wants it: the path is encoded once and never normalised. Our own, because the SDK's
 * signer and the middleware around it cost many times the CPU of the request itself: `test/bench/put.ts`.
 */
import { createHmac, createSecretKey, hash, type KeyObject } from "node:crypto";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface Signing {
  readonly credentials: Credentials;
  readonly region: string;
  /** By {@link amzDate}. */
  readonly date: string;
}

export interface SignableRequest {
  readonly method: string;
  /** Encoded, by {@link encodePath}. */
  readonly path: string;
  /** Encoded and in order, by {@link encodeQuery}. */
  readonly query: string;
  /** By lower-case name, `host` among them; all are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** Hex SHA-256 of the body, or {@link unsignedPayload}. */
  readonly payloadHash: string;
}

export const unsignedPayload = "UNSIGNED-PAYLOAD";

/** S3 takes no presigned URL that is to live longer: 7 days. */
export const presignMaxSeconds = 604_800;

/** The value of the `Authorization` header. */
export function authorize(request: SignableRequest, signing: Signing): string {
  const scope = scopeOf(signing);
  const { names, signature } = sign(request, scope, signing);
  const credential = `${signing.credentials.accessKeyId}/${scope}`;
  return `${algorithm} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
}

/** The query that makes a URL of the request, without a `?`: whoever has it may send the request until it expires. */
export function presign(
  { method, path, host }: { method: string; path: string; host: string },
  expiresSeconds: number,
  signing: Signing,
): string {
  const { accessKeyId, sessionToken } = signing.credentials;
  const scope = scopeOf(signing);
  const query = encodeQuery({
    "X-Amz-Algorithm": algorithm,
    "X-Amz-Credential": `${accessKeyId}/${scope}`,
    "X-Amz-Date": signing.date,
    "X-Amz-Expires": String(expiresSeconds),
    ...(sessionToken === undefined ? {} : { "X-Amz-Security-Token": sessionToken }),
    "X-Amz-SignedHeaders": "host",
  });
  const request = { method, path, query, headers: { host }, payloadHash: unsignedPayload };
  return `${query}&X-Amz-Signature=${sign(request, scope, signing).signature}`;
}

/** `20130524T000000Z`, as the header `x-amz-date` has it. */
export function amzDate(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}Z`;
}

/** An object key as a path: each byte outside RFC 3986's unreserved ones is escaped, the slashes stay. */
export const encodePath = (key: string) => `/${escapeAll(key).replaceAll("%2F", "/")}`;

export const encodeQuery = (query: Readonly<Record<string, string>>) =>
  Object.keys(query)
    .sort()
    .map((name) => `${escapeAll(name)}=${escapeAll(query[name] ?? "")}`)
    .join("&");

const algorithm = "AWS4-HMAC-SHA256";

const escapeAll = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const scopeOf = ({ region, date }: Signing) => `${date.slice(0, 8)}/${region}/s3/aws4_request`;

function sign(
  { method, path, query, headers, payloadHash }: SignableRequest,
  scope: string,
  { credentials, date }: Signing,
) {
  const sorted = Object.keys(headers).sort();
  const lines = sorted.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, " ")}\n`).join("");
  const names = sorted.join(";");
  const canonical = `${method}\n${path}\n${query}\n${lines}\n${names}\n${payloadHash}`;
  const text = `${algorithm}\n${date}\n${scope}\n${hash("sha256", canonical)}`;
  const signature = createHmac("sha256", signingKey(credentials.secretAccessKey, scope))
    .update(text)
    .digest("hex");
  return { names, signature };
}

/** One key serves a day of requests: the last one made is kept. A KeyObject makes an HMAC eight times as fast as bytes do. */
let last: { readonly secret: string; readonly scope: string; readonly key: KeyObject } | undefined;

function signingKey(secret: string, scope: string): KeyObject {
  if (last?.secret === secret && last.scope === scope) return last.key;
  const bytes = scope
    .split("/")
    .reduce((key, part) => createHmac("sha256", key).update(part).digest(), Buffer.from(`AWS4${secret}`));
  const key = createSecretKey(bytes);
  last = { secret, scope, key };
  return key;
}
