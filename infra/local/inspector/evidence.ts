/** What the stages found and sent, as far as it cannot be worked out again from the stored message. */
import * as z from "zod";
import { checkOut } from "../../../functions/aws/claim-check.ts";
import { Authentication, Warning } from "../../../functions/mail/messages.ts";
import type { ObjectStore, Post, Queue } from "../../../functions/mail/ports.ts";
import type { Database } from "../database.ts";

export const Verdict = z.object({ auth: Authentication, warnings: z.array(Warning) });
export type Verdict = z.infer<typeof Verdict>;

/** The last webhook of a delivery, as it was sent. */
export const SentWebhook = z.object({
  headers: z.record(z.string(), z.string()),
  /** Null for a body that was made as it was sent. */
  body: z.string().nullable(),
  /** The first of the answer; null where none came. */
  answer: z.string().nullable(),
});
export type SentWebhook = z.infer<typeof SentWebhook>;

export interface Evidence {
  verdict(id: string): Verdict | null;
  webhook(webhookId: string): SentWebhook | null;
  /** The port as it was, except that what goes through it is kept. */
  watchPost(post: Post): Post;
  /** The queue as it was, except that the verdicts on the messages in it are kept. */
  watchValidated(queue: Queue, store: ObjectStore): Queue;
}

/** Bodies of webhooks that are kept; they are the large ones. */
export const sentWebhooksMax = 2_000;
const answerMaxLength = 2_000;

const Row = z.object({ json: z.string() });
const Validated = Verdict.extend({ id: z.string() });

export function createEvidence(database: Database, later: (write: () => void) => void): Evidence {
  const putVerdict = database.prepare("insert or replace into verdicts (id, json) values (?, ?)");
  const getVerdict = database.prepare("select json from verdicts where id = ?");
  const putPost = database.prepare(`
    insert or replace into posts (webhook_id, number, json)
    values (?, (select coalesce(max(number), 0) + 1 from posts), ?)`);
  const prunePosts = database.prepare(
    "delete from posts where number <= (select max(number) from posts) - ?",
  );
  const getPost = database.prepare("select json from posts where webhook_id = ?");
  const read = <Kept>(row: unknown, schema: z.ZodType<Kept>): Kept | null =>
    row === undefined ? null : schema.parse(JSON.parse(Row.parse(row).json));
  const keepVerdict = async (body: string, store: ObjectStore) => {
    const { id, ...verdict } = Validated.parse(JSON.parse(await checkOut(body, store)));
    later(() => putVerdict.run(id, JSON.stringify(verdict)));
  };
  return {
    verdict: (id) => read(getVerdict.get(id), Verdict),
    webhook: (webhookId) => read(getPost.get(webhookId), SentWebhook),
    watchPost: (post) => async (request) => {
      const result = await post(request);
      const { headers } = request;
      const body = typeof request.body === "string" ? request.body : null;
      const answer = result.kind === "answer" ? result.excerpt.slice(0, answerMaxLength) : null;
      const json = JSON.stringify({ headers, body, answer });
      later(() => {
        putPost.run(headers["webhook-id"] ?? "", json);
        prunePosts.run(sentWebhooksMax);
      });
      return result;
    },
    watchValidated: (queue, store) => ({
      ...queue,
      send: async (messages) => {
        await queue.send(messages);
        // Looking on must never be in the way.
        for (const { body } of messages) keepVerdict(body, store).catch(() => undefined);
      },
    }),
  };
}
