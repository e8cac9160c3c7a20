import type { S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "../mail/ports.ts";
import { type Credentials, encodePath } from "./sigv4.ts";

/** Where a bucket answers, and as whom to ask: what a request needs that the SDK does not send. */
export interface Bucket {
  readonly region: string;
  /** Scheme, host and port. */
  readonly origin: string;
  readonly host: string;
  readonly isTls: boolean;
  readonly credentials: Credentials;
  pathOf(key: string): string;
}

export type OpenBucket = () => Promise<Bucket>;

/** The SDK makes credentials new 5 minutes before they expire; to ask it at every request costs a tenth of the request. */
export const bucketMaxAgeMs = 60_000;

export interface OpenBucketOptions {
  readonly bucket: string;
  readonly endpoint: string | undefined;
  readonly now: Clock;
}

/**
 * Opens a bucket through the client's own providers (endpoint rules, region, roles, profiles, environment), so that
 * whatever the SDK would find is found.
 */
export function openBucket(client: S3Client, { bucket, endpoint, now }: OpenBucketOptions): OpenBucket {
  let opened: Promise<Bucket> | undefined;
  let openedAtMs = 0;
  return async () => {
    if (opened === undefined || now() - openedAtMs >= bucketMaxAgeMs) {
      openedAtMs = now();
      opened = open(client, bucket, endpoint);
      opened.catch(() => {
        opened = undefined;
      });
    }
    return opened;
  };
}

async function open({ config }: S3Client, bucket: string, endpoint: string | undefined): Promise<Bucket> {
  const region = await config.region();
  const { url } = config.endpointProvider({
    Bucket: bucket,
    Region: region,
    UseFIPS: await config.useFipsEndpoint(),
    UseDualStack: await config.useDualstackEndpoint(),
    ForcePathStyle: endpoint !== undefined,
    Endpoint: endpoint,
  });
  const basePath = url.pathname === "/" ? "" : url.pathname;
  return {
    region,
    origin: url.origin,
    host: url.host,
    isTls: url.protocol === "https:",
    credentials: await config.credentials(),
    pathOf: (key: string) => basePath + encodePath(key),
  };
}
