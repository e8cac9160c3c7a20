/** The API's operations that give a message, or a part of it, as a file. */
import { type Fixture, readFixture, toCurl } from "../../inspector/fixture.ts";
import type { Inspector } from "../../inspector/inspector.ts";
import { openMail, readMessage } from "../../inspector/read-message.ts";
import { type Answer, download, problem, text } from "../answer.ts";
import { noBody, noQuery, type Operation, operation } from "../operation.ts";

const noMessage = () => problem(404, "there is no such message");

export function downloadOperations(inspector: Inspector): readonly Operation[] {
  return [
    operation({
      method: "GET",
      path: "/api/v1/messages/{id}/raw",
      summary: "The mail as it was sent, as a file .eml",
      query: noQuery,
      body: noBody,
      result: "application/octet-stream",
      handle: async ({ params }) => {
        const id = params["id"] ?? "";
        const mail = await openMail(id, inspector.store);
        return mail === null ? noMessage() : download(mail.body, { filename: `${id}.eml`, ...mail });
      },
    }),
    operation({
      method: "GET",
      path: "/api/v1/messages/{id}/fixture",
      summary: "The webhook's body, as it was sent or as it would be: a fixture for a test",
      query: noQuery,
      body: noBody,
      result: "application/json",
      handle: ({ params }) =>
        withFixture(params["id"] ?? "", inspector, ({ body }) => text(200, body, "application/json")),
    }),
    operation({
      method: "GET",
      path: "/api/v1/messages/{id}/curl",
      summary: "The command that sends the webhook to $URL",
      query: noQuery,
      body: noBody,
      result: "text/plain",
      handle: ({ params }) =>
        withFixture(params["id"] ?? "", inspector, (fixture) => text(200, toCurl(fixture))),
    }),
    operation({
      method: "GET",
      path: "/api/v1/messages/{id}/attachments/{number}",
      summary: "An attachment, counted from 0",
      query: noQuery,
      body: noBody,
      result: "application/octet-stream",
      handle: async ({ params }) => {
        const message = await readMessage(params["id"] ?? "", inspector);
        const attachment = message?.attachments[Number(params["number"])];
        const object = attachment === undefined ? null : await inspector.store.get(attachment.key);
        if (attachment === undefined || object === null) return problem(404, "there is no such attachment");
        return download(object.body, attachment);
      },
    }),
  ];
}

async function withFixture(id: string, inspector: Inspector, answer: (fixture: Fixture) => Answer) {
  const entry = inspector.index.find(id);
  if (entry === null) return noMessage();
  const fixture = await readFixture(entry, inspector);
  return fixture === null ? problem(409, "no route sends this message to an endpoint") : answer(fixture);
}
