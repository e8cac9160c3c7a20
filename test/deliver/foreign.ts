/** A mail with everything, one with nothing, and what consumers of other providers get of them. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { createDeliverHandler } from "../../functions/deliver/handler.ts";
import { createPost } from "../../functions/deliver/post.ts";
import type { WebhookFormat } from "../../functions/mail/config.ts";
import type { RoutedMessage } from "../../functions/mail/messages.ts";
import { finished, sqsEvent } from "../validate/handler-deps.ts";
import { id } from "../validate/mail.ts";
import { routedMessage, secretOf, validatedMessage } from "./routed.ts";
import { serve } from "./servers.ts";
import { setUp } from "./set-up.ts";

export const [logo, pdf] = [Buffer.from([0x89, 0x50, 0, 0xff]), Buffer.from("%PDF-1.7\r\n--x\r\n")];
const plain = validatedMessage();
const address = (text: string, name: string | null) => ({
  address: text,
  name,
  domain: text.slice(text.indexOf("@") + 1),
});
const file = (index: number, filename: string, contentType: string, sizeBytes: number) => ({
  key: `attachments/57/${id}/${index}`,
  filename,
  originalFilename: filename,
  contentType,
  sizeBytes,
  sha256: "00",
  disposition: "attachment" as const,
  contentId: null,
});

export const full: RoutedMessage = routedMessage({
  recipients: [
    { address: "bob+42@receiver.test", route: "replies", captures: { ticket: "42" } },
    { address: "bob+42@receiver.test", route: "rest", captures: {} },
    { address: "hidden@receiver.test", route: "rest", captures: {} },
  ],
  message: {
    ...plain,
    envelope: { ...plain.envelope, tls: { version: "TLSv1.3", cipher: "c" } },
    message: {
      ...plain.message,
      subject: "Größe",
      from: [address("ann@sender.example", 'Doe, "Ann"')],
      replyTo: [address("replies@sender.example", null)],
      to: [address("bob+42@receiver.test", "Bob")],
      cc: [address("eve@other.test", "Eve Müller")],
      headers: [
        ["Received", "one"],
        ["Received", "two"],
        ["Message-ID", "<1@sender.example>"],
        ["Date", "Fri, 02 Jan 2026 04:04:05 +0100"],
        ["signature", "forged"],
        ["__proto__", "x"],
      ],
      text: "Yes.\n\n> Will you?\n",
      html: '<p>Yes.</p><img src="cid:logo@x">',
    },
    reply: { text: "Yes.", quoted: "> Will you?", signature: "Ann" },
    auth: {
      ...plain.auth,
      dkim: [
        {
          result: "pass",
          domain: "sender.example",
          selector: "s",
          aligned: true,
          bodyLengthLimited: false,
          detail: null,
        },
      ],
    },
    attachments: [
      { ...file(0, "logo.png", "image/png", logo.length), disposition: "inline", contentId: "logo@x" },
      file(1, 'a"b.pdf', "application/pdf; x", pdf.length),
    ],
  },
});
export const bare = routedMessage({
  message: { ...plain, message: { ...plain.message, from: [], to: [], text: null, subject: null } },
});

/** What a consumer of that provider gets, over HTTP, its signature verified. */
async function receive(format: WebhookFormat, routed: RoutedMessage) {
  const got: { body: Buffer; headers: Record<string, string> }[] = [];
  await using server = await serve(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request));
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    got.push({ body, headers });
    response.writeHead(200).end();
  });
  const url = `http://127.0.0.1:${server.port}/`;
  const { deps, observed } = setUp({ config: { helpdesk: { url, allowPrivateAddress: true, format } } });
  observed.store.objects.set(`attachments/57/${id}/0`, { bytes: logo });
  observed.store.objects.set(`attachments/57/${id}/1`, { bytes: pdf });
  const bodies = JSON.stringify({ text: "the whole text", html: null });
  observed.store.objects.set("bodies/57/1.json", { bytes: Buffer.from(bodies) });
  assert.deepEqual(await createDeliverHandler({ ...deps, post: createPost() })(sqsEvent(routed)), finished);
  const [{ body, headers } = { body: Buffer.alloc(0), headers: {} }] = got;
  assert.equal(headers["content-length"], String(body.length));
  // Over bytes that are no UTF-8 the package cannot verify: it knows strings alone.
  const signed = createHmac("sha256", Buffer.alloc(24, 1))
    .update(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`)
    .update(body)
    .digest("base64");
  assert.equal(headers["webhook-signature"], `v1,${signed}`);
  if (headers["content-type"] === "application/json")
    new Webhook(secretOf(1)).verify(body.toString(), headers);
  return { body, headers };
}

export async function receiveJson(
  format: WebhookFormat,
  routed: RoutedMessage,
): Promise<Record<string, unknown>> {
  const { body, headers } = await receive(format, routed);
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["mailchute-sender-verified"], "true");
  return JSON.parse(body.toString());
}

export async function receiveForm(format: WebhookFormat, routed: RoutedMessage) {
  const { body, headers } = await receive(format, routed);
  const contentType = headers["content-type"] ?? "";
  return {
    contentType,
    form: await new Response(body, { headers: { "content-type": contentType } }).formData(),
  };
}

/** A field that the provider documents, and what stands in it. */
export type Row = readonly [field: string, expected: unknown];
