import * as z from "zod";
import { PermanentError } from "../mail/errors.ts";

/** What S3 sends to a queue (Amazon S3, "Event message structure"): of it, what says which object came to be. */
const Notification = z.object({
  Records: z.array(
    z.object({
      eventName: z.string(),
      s3: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
    }),
  ),
});

/** S3 sends one when the notification is set up. */
const TestEvent = z.object({ Event: z.literal("s3:TestEvent") });

/** The keys of the objects that a queue body says were created in `bucket`. */
export function parseNotification(body: string, bucket: string): string[] {
  const json = parseJson(body);
  if (TestEvent.safeParse(json).success) return [];
  const notification = Notification.safeParse(json);
  if (!notification.success)
    throw new PermanentError("queue body: no S3 notification", { cause: notification.error });
  return notification.data.Records.filter(({ eventName }) => eventName.startsWith("ObjectCreated:")).map(
    ({ s3 }) => {
      if (s3.bucket.name !== bucket)
        throw new PermanentError(`queue body: bucket ${s3.bucket.name} is not ${bucket}`);
      return decodeKey(s3.object.key);
    },
  );
}

/** Keys come URL-encoded, with `+` for a space. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch (cause) {
    throw new PermanentError(`queue body: key ${key} is not URL-encoded`, { cause });
  }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new PermanentError("queue body: not JSON", { cause });
  }
}
