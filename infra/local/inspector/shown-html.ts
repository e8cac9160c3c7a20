/** A mail's HTML as a document of its own, which a frame shows: no script of it runs, and nothing is fetched unasked. */
import type { Attachment } from "../../../functions/mail/messages.ts";
import type { ObjectStore } from "../../../functions/mail/ports.ts";
import { type Answer, text } from "../http/answer.ts";

export interface ShownHtml {
  readonly html: string;
  readonly attachments: readonly Attachment[];
  /** Images, styles and fonts may come from the sender's servers, who then know that it was read. */
  readonly isRemoteAllowed: boolean;
}

const policy = (remote: string) =>
  [
    // Without allow-scripts: no script, no form, no navigation of the page around, no cookies, an origin of its own.
    "sandbox",
    "default-src 'none'",
    `img-src data:${remote}`,
    `style-src 'unsafe-inline'${remote}`,
    `font-src data:${remote}`,
    `media-src data:${remote}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ].join("; ");

export async function showHtml(
  { html, attachments, isRemoteAllowed }: ShownHtml,
  store: ObjectStore,
): Promise<Answer> {
  const answer = text(200, await withInlineImages(html, attachments, store), "text/html");
  const remote = isRemoteAllowed ? " https: http:" : "";
  return { ...answer, headers: { ...answer.headers, "content-security-policy": policy(remote) } };
}

/** What a browser shows as an image and cannot run. */
const imageType = /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/;
export const inlineImagesMaxBytes = 8 * 1024 * 1024;

/** Images that came along stand in the document itself, since a frame of its own origin may fetch none from here. */
async function withInlineImages(
  html: string,
  attachments: readonly Attachment[],
  store: ObjectStore,
): Promise<string> {
  const named = new Set([...html.matchAll(cidUrl)].map(([, id]) => decodeId(id ?? "")));
  const urls = new Map<string, string>();
  let roomBytes = inlineImagesMaxBytes;
  for (const { contentId, contentType, key, sizeBytes } of attachments) {
    if (contentId === null || !named.has(contentId) || urls.has(contentId)) continue;
    if (!imageType.test(contentType) || sizeBytes > roomBytes) continue;
    const object = await store.get(key);
    if (object === null) continue;
    const bytes = Buffer.concat(await Array.fromAsync(object.body));
    urls.set(contentId, `data:${contentType};base64,${bytes.toString("base64")}`);
    roomBytes -= sizeBytes;
  }
  return html.replace(cidUrl, (whole, id) => urls.get(decodeId(id)) ?? whole);
}

/** RFC 2392. */
const cidUrl = /\bcid:([^\s"'<>()]+)/gi;

function decodeId(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
