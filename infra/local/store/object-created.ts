/** What S3 tells a queue when an object is written, as far as it is the same everywhere. */
export interface ObjectCreated {
  readonly eventName: "ObjectCreated:Put" | "ObjectCreated:CompleteMultipartUpload";
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  /** Grows with every write of the key. */
  readonly sequence: number;
  readonly atMs: number;
}

/** The queue body of an S3 event notification, version 2.1. */
export function createNotification(event: ObjectCreated): string {
  const sequencer = event.sequence.toString(16).toUpperCase().padStart(16, "0");
  return JSON.stringify({
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: "local",
        eventTime: new Date(event.atMs).toISOString(),
        eventName: event.eventName,
        s3: {
          s3SchemaVersion: "1.0",
          bucket: { name: event.bucket },
          object: {
            key: encodeURIComponent(event.key).replaceAll("%20", "+").replaceAll("%2F", "/"),
            size: event.sizeBytes,
            // Opaque, and another one for each write, as S3 promises; a digest would cost more than the whole put.
            eTag: sequencer.toLowerCase().padStart(32, "0"),
            sequencer,
          },
        },
      },
    ],
  });
}
