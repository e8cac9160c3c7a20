import type { Clock, ObjectUrls } from "../mail/ports.ts";
import type { OpenBucket } from "./bucket.ts";
import { failed } from "./failed.ts";
import { amzDate, presign, presignMaxSeconds } from "./sigv4.ts";

/**
 * URLs that S3 itself answers. They expire when asked for, after S3's 7 days at the latest, and in any case when the
 * credentials that signed them do: those of a role last hours.
 */
export function createObjectUrls({ open, now }: { open: OpenBucket; now: Clock }): ObjectUrls {
  return {
    sign: async (key, expiresAtMs) => {
      const { origin, host, region, credentials, pathOf } = await open().catch(failed(`s3 url ${key}`));
      const nowMs = now();
      const seconds = Math.ceil((expiresAtMs - nowMs) / 1000);
      const path = pathOf(key);
      const query = presign(
        { method: "GET", path, host },
        Math.min(Math.max(seconds, 1), presignMaxSeconds),
        { credentials, region, date: amzDate(nowMs) },
      );
      return `${origin}${path}?${query}`;
    },
  };
}
