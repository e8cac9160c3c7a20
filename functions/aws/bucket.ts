import type { S3Client } from "@aws-sdk/client-s3";
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

/**
 * Opens a bucket through the client's own providers (endpoint rules, region, roles, profiles, environment), so that
 * whatever the SDK would find is found; credentials are made new before they expire.
 */
export function openBucket(
  client: S3Client,
  { bucket, endpoint }: { bucket: string; endpoint: string | undefined },
): OpenBucket {
  let address: Promise<Omit<Bucket, "credentials">> | undefined;
  return async () => {
    address ??= addressOf(client, bucket, endpoint).catch((error: unknown) => {
      address = undefined;
      throw error;
    });
    return { ...(await address), credentials: await client.config.credentials() };
  };
}

async function addressOf({ config }: S3Client, bucket: string, endpoint: string | undefined) {
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
    pathOf: (key: string) => basePath + encodePath(key),
  };
}
