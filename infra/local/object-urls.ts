import { createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ObjectUrls } from "../../functions/mail/ports.ts";

export interface LocalObjectUrls extends ObjectUrls {
  /** True when the URL was made by `sign` and has not expired. */
  verify(key: string, query: URLSearchParams, nowMs: number): boolean;
}

/** URLs into the runner's own HTTP port, as S3's presigned ones: whoever has one may read, until it expires. */
export function createObjectUrls(origin: () => string, secret: Uint8Array): LocalObjectUrls {
  const hmacKey = createSecretKey(secret);
  const mac = (key: string, expires: string) =>
    createHmac("sha256", hmacKey).update(`${expires}\n${key}`).digest();
  return {
    sign: async (key, expiresAtMs) => {
      const expires = String(expiresAtMs);
      const path = key.split("/").map(encodeURIComponent).join("/");
      return `${origin()}/objects/${path}?expires=${expires}&signature=${mac(key, expires).toString("hex")}`;
    },
    verify: (key, query, nowMs) => {
      const expires = query.get("expires") ?? "";
      const given = Buffer.from(query.get("signature") ?? "", "hex");
      const right = mac(key, expires);
      return given.length === right.length && timingSafeEqual(given, right) && Number(expires) > nowMs;
    },
  };
}

/** The key of the URLs, kept in the data folder so that URLs outlive a restart; made on first start. */
export function openUrlSecret(folder: string): Uint8Array {
  const file = join(folder, "url.key");
  if (!existsSync(file)) writeFileSync(file, randomBytes(32), { mode: 0o600, flush: true });
  return readFileSync(file);
}
