import * as z from "zod";
import { PermanentError } from "../mail/errors.ts";
import { ReplayOrder } from "../mail/messages.ts";

/** What S3 sends to a queue (Amazon S3, "Event message structure"): of it, what says which object came to be. */
const Notification = z.object({
  Records: z.array(
    z.object({
      eventName: z.string(),
      s3: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
    }),
  ),
  /** A replay asks for stored objects once more, in S3's words. */
  replay: ReplayOrder.optional(),
});

interface Notified {
  readonly keys: readonly string[];
  readonly replay?: ReplayOrder | undefined;
}

/** S3 sends one when the notification is set up. */
const TestEvent = z.object({ Event: z.literal("s3:TestEvent") });

/** What a queue body says was created in `bucket`. */
export function parseNotification(body: string, bucket: string): Notified {
  const json = parseJson(body);
  if (TestEvent.safeParse(json).success) return { keys: [] };
  const notification = Notification.safeParse(json);
  if (!notification.success)
    throw new PermanentError("queue body: no S3 notification", { cause: notification.error });
  const { Records, replay } = notification.data;
  const created = Records.filter(({ eventName }) => eventName.startsWith("ObjectCreated:"));
  const keys = created.map(({ s3 }) => {
    if (s3.bucket.name !== bucket)
      throw new PermanentError(`queue body: bucket ${s3.bucket.name} is not ${bucket}`);
    return decodeKey(s3.object.key);
  });
  return { keys, replay };
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
