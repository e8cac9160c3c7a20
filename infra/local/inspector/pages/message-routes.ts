/** The routes of one message's page, and of what it shows in frames. */

import type { Config } from "../../../../functions/mail/config.ts";
import { type Explanation, explain } from "../../../../functions/mail/explain.ts";
import { bodyKey } from "../../../../functions/mail/keys.ts";
import { page, problem } from "../../http/answer.ts";
import { readConfig } from "../../http/api/explain.ts";
import { readDetail } from "../../http/api/messages.ts";
import type { MessageDetail } from "../../http/api/schemas.ts";
import { type Html, html } from "../../http/html.ts";
import { bodyTooLarge, type Route, readBody } from "../../http/server.ts";
import type { Inspector } from "../inspector.ts";
import { readOutline } from "../mime-outline.ts";
import { asValidated, openMail, readMessage } from "../read-message.ts";
import { showHtml } from "../shown-html.ts";
import { explanationContent, problemList } from "./explain-section.ts";
import { layout } from "./layout.ts";
import { type MessagePage, messagePage, refusedPage } from "./message-page.ts";

const noMessage = () =>
  page(
    layout("No such message", "", html`<p>It may have been deleted. <a href="/">All messages</a></p>`),
    404,
  );

export const messageRoutes = (inspector: Inspector): readonly Route[] => [
  {
    method: "GET",
    path: "/messages/{id}",
    handle: async ({ params }) => {
      const detail = await readDetail(params["id"] ?? "", inspector);
      if (detail === null) return noMessage();
      return page(
        detail.entry.id === null ? refusedPage(detail) : messagePage(await readPage(detail, inspector)),
      );
    },
  },
  {
    method: "GET",
    path: "/messages/{id}/html",
    handle: async ({ params, url }) => {
      const message = await readMessage(params["id"] ?? "", inspector);
      if (message === null) return problem(404, "there is no such message");
      const { attachments } = message;
      const content = message.message.bodyTruncated
        ? await readWholeHtml(message.id, inspector)
        : message.message.html;
      const isRemoteAllowed = url.searchParams.get("remote") === "yes";
      return showHtml({ html: content ?? "", attachments, isRemoteAllowed }, inspector.store);
    },
  },
  {
    method: "POST",
    path: "/messages/{id}/explain",
    handle: async ({ params, request }) => {
      const message = await readMessage(params["id"] ?? "", inspector);
      if (message === null) return problem(404, "there is no such message");
      const body = await readBody(request);
      if (body === null) return bodyTooLarge();
      return page(explainByText(body.toString(), (config) => explain(asValidated(message), config)));
    },
  },
];

function explainByText(text: string, explainBy: (config: Config) => readonly Explanation[]): Html {
  try {
    const read = readConfig(JSON.parse(text));
    return "problems" in read ? problemList(read.problems) : explanationContent(explainBy(read.config));
  } catch (error) {
    if (error instanceof SyntaxError) return problemList([`not JSON: ${error.message}`]);
    throw error;
  }
}

async function readWholeHtml(id: string, { store }: Inspector): Promise<string | null> {
  const object = await store.get(bodyKey(id));
  if (object === null) return null;
  const { html: whole } = JSON.parse(Buffer.concat(await Array.fromAsync(object.body)).toString());
  return typeof whole === "string" ? whole : null;
}

const rawShownMaxBytes = 256 * 1024;

async function readPage(detail: MessageDetail, inspector: Inspector): Promise<MessagePage> {
  const { entry, events, message } = detail;
  const config = inspector.config.source();
  const mail = message && (await openMail(message.id, inspector.store));
  const again = message && (await openMail(message.id, inspector.store));
  return {
    ...detail,
    outline: mail && (await readOutline(mail.body)),
    raw: again === null ? "" : await readStart(again.body, rawShownMaxBytes),
    deliveries: entry.deliveries.map((delivery) => ({
      delivery,
      attempts: events.filter(
        ({ stage, detail: { webhookId } }) => stage === "deliver" && webhookId === delivery.webhookId,
      ),
      sent: delivery.webhookId === null ? null : inspector.evidence.webhook(delivery.webhookId),
    })),
    config: JSON.stringify(config, null, 2),
    explanation: message === null ? html`` : explanationContent(explain(asValidated(message), config)),
  };
}

async function readStart(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString();
}
