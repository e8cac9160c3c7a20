import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { AwsSettings } from "./settings.ts";

const clientLimits = {
  attemptsMax: 4,
  connectTimeoutMs: 3_000,
  /** Without a byte; longer than the longest poll of 20 s. */
  idleTimeoutMs: 30_000,
  /** A body that a slow reader holds up stands still as well. */
  objectIdleTimeoutMs: 60_000,
  socketsMax: 128,
} as const;

/** Region and credentials come from where the SDK finds them. One set serves a process, so that connections are kept. */
export function createClients({ s3Endpoint, sqsEndpoint }: AwsSettings) {
  const objectIdleTimeoutMs = clientLimits.objectIdleTimeoutMs;
  return {
    s3: new S3Client({
      ...clientOptions(s3Endpoint, objectIdleTimeoutMs),
      forcePathStyle: s3Endpoint !== undefined,
      // Bodies go out by put.ts, which sends their checksums itself; on all else the SDK's cost CPU and prove nothing.
      requestChecksumCalculation: "WHEN_REQUIRED",
    }),
    // Without this the client sends to the host in a queue's URL, which an emulator's port mapping makes wrong.
    sqs: new SQSClient({
      ...clientOptions(sqsEndpoint, clientLimits.idleTimeoutMs),
      useQueueUrlAsEndpoint: false,
    }),
  };
}

/** What every client of the SDK is made with. */
export const clientOptions = (endpoint: string | undefined, idleTimeoutMs: number) => ({
  ...(endpoint === undefined ? {} : { endpoint }),
  // Settings read the standard variables: what else the SDK finds, put.ts would not.
  ignoreConfiguredEndpointUrls: true,
  maxAttempts: clientLimits.attemptsMax,
  requestHandler: {
    connectionTimeout: clientLimits.connectTimeoutMs,
    socketTimeout: idleTimeoutMs,
    httpAgent: { keepAlive: true, maxSockets: clientLimits.socketsMax },
    httpsAgent: { keepAlive: true, maxSockets: clientLimits.socketsMax },
  },
});
