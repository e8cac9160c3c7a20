/**
 * Where each object of a message lies. The last two hex digits of the id come first, so that keys spread over
 * 256 prefixes: S3 takes 3,500 PUT/s on each.
 */
const folder = (kind: string, id: string) => `${kind}/${id.slice(-2)}/${id}`;

export const rawPrefix = "raw/";

export const rawKey = (id: string) => `${folder("raw", id)}.eml`;

export const attachmentKey = (id: string, index: number) => `${folder("attachments", id)}/${index}`;

/** The text and HTML of a message whose bodies are too large to travel inline. */
export const bodyKey = (id: string) => `${folder("bodies", id)}.json`;

export const quarantineKey = (id: string) => `${folder("quarantine", id)}.json`;

/** What became of every attempt at a delivery that did not succeed at once. */
export const deliveryHistoryKey = (id: string, webhookId: string) =>
  `${folder("deliveries", id)}/${webhookId}.json`;

/** A queue body too large for the queue; `digest` is the hex SHA-256 of the body, so a resend writes the same key. */
export const claimCheckKey = (digest: string) => `${folder("claims", digest)}.json`;

/** What remembers a Message-ID; `digest` is hex, of the Message-ID and the recipients. */
export const messageIdKey = (digest: string) => `${folder("message-ids", digest)}.json`;

/** The id in a key made by {@link rawKey}; null for any other key. */
export function idOfRawKey(key: string): string | null {
  const id = key.slice(key.lastIndexOf("/") + 1, -".eml".length);
  return key === rawKey(id) ? id : null;
}
