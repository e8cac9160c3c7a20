import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, test } from "node:test";
import { createClients } from "../../functions/aws/clients.ts";
import { visibilityMaxSeconds } from "../../functions/aws/queue.ts";
import { createQueues } from "../../functions/aws/queues.ts";
import { readAwsSettings } from "../../functions/aws/settings.ts";
import { describeError } from "../../functions/mail/errors.ts";
import type { Queue } from "../../functions/mail/ports.ts";
import { emulatedEnvironment, emulatedIdentity } from "./emulated.ts";
import { type Asked, startScripted } from "./scripted.ts";

interface Failure {
  readonly Id: string;
  readonly SenderFault: boolean;
  readonly Code: string;
  readonly Message: string;
}

const url = "https://sqs.us-east-1.amazonaws.com/111122223333/parse";

/** An SQS that takes all entries of a batch but those which a row names, call by call. */
async function setUp(failures: readonly (readonly Failure[])[] = []) {
  Object.assign(process.env, emulatedIdentity);
  const server = await startScripted((asked, count) => ({
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: JSON.stringify(answerTo(asked, failures[count] ?? [])),
  }));
  after(server.close);
  const { sqs } = createClients(readAwsSettings(emulatedEnvironment(server.endpoint, "mail")));
  const queues = createQueues({ client: sqs, queueUrls: { parse: url } });
  const asked = () => server.asked.map(({ body }): unknown => JSON.parse(String(body)));
  return { queues, queue: queues("parse"), asked };
}

function answerTo({ body }: Asked, failed: readonly Failure[]) {
  const { Entries = [] }: { Entries?: { Id: string; MessageBody?: string }[] } = JSON.parse(String(body));
  const Successful = Entries.filter(({ Id }) => !failed.some((failure) => failure.Id === Id)).map(
    ({ Id, MessageBody = "" }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex"),
    }),
  );
  return { Successful, Failed: failed };
}

const busy = (Id: string): Failure => ({ Id, SenderFault: false, Code: "InternalError", Message: "Busy." });
const wrong = (Id: string): Failure => ({
  Id,
  SenderFault: true,
  Code: "InvalidMessageContents",
  Message: "No.",
});
const messages = ["a", "b", "c"].map((body) => ({ body }));

const sends = [
  ["what SQS refused for reasons of its own is sent again, and only that", [[busy("1")]], ["abc", "b"], null],
  [
    "it gives up after three times",
    [[busy("0"), busy("1")], [busy("1")], [busy("1")]],
    ["abc", "ab", "b"],
    "sqs send parse: InternalError: Busy.",
  ],
  [
    "what the sender did wrong is not sent again",
    [[busy("0"), wrong("1")]],
    ["abc"],
    "sqs send parse: InvalidMessageContents: No.",
  ],
] as const;

for (const [name, failures, bodies, reason] of sends) {
  test(name, async () => {
    const { queue, asked } = await setUp(failures);
    const error: unknown = await queue.send(messages).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.equal(error === null ? null : describeError(error), reason);
    assert.deepEqual(asked().map(bodiesIn), bodies);
  });
}

const bodiesIn = (asked: unknown) =>
  JSON.stringify(asked)
    .matchAll(/"MessageBody":"(.)"/g)
    .map(([, body]) => body)
    .toArray()
    .join("");

test("a message goes out with its group, delay and attributes, to the queue's URL", async () => {
  const { queue, asked } = await setUp();
  await queue.send([
    { body: "a", groupId: "helpdesk", delaySeconds: 5, attributes: { stage: "parse" } },
    { body: "b" },
  ]);
  assert.deepEqual(asked(), [
    {
      QueueUrl: url,
      Entries: [
        {
          Id: "0",
          MessageBody: "a",
          MessageGroupId: "helpdesk",
          DelaySeconds: 5,
          MessageAttributes: { stage: { DataType: "String", StringValue: "parse" } },
        },
        { Id: "1", MessageBody: "b" },
      ],
    },
  ]);
});

const deletions = [
  ["a spent receipt is no error", "ReceiptHandleIsInvalid", null],
  ["what could not be deleted throws", "InternalError", "sqs delete parse: InternalError: Hm."],
] as const;

for (const [name, Code, reason] of deletions) {
  test(name, async () => {
    const { queue } = await setUp([[{ Id: "1", SenderFault: true, Code, Message: "Hm." }]]);
    const error: unknown = await queue.delete(["a", "b"]).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.equal(error === null ? null : describeError(error), reason);
  });
}

const visibilities = [
  ["a rest as long as SQS allows from now is asked for as it is", visibilityMaxSeconds, visibilityMaxSeconds],
  ["a longer rest is cut, since SQS counts from the receive", visibilityMaxSeconds + 1, visibilityMaxSeconds],
  ["no rest is none", 0, 0],
] as const;

for (const [name, seconds, VisibilityTimeout] of visibilities) {
  test(name, async () => {
    const { queue, asked } = await setUp();
    await queue.changeVisibility("receipt", seconds);
    assert.deepEqual(asked(), [{ QueueUrl: url, ReceiptHandle: "receipt", VisibilityTimeout }]);
  });
}

const addresses = [
  ["a queue of Mailchute's own is found by name", "parse", url, null],
  [
    "an endpoint's queue is found by ARN, in any account",
    "arn:aws:sqs:us-east-1:444455556666:billing-mail",
    "/444455556666/billing-mail",
    null,
  ],
  [
    "a name that the environment has not is an error that says which it has",
    "valdate",
    null,
    "MAILCHUTE_QUEUE_URLS has no queue valdate, only parse",
  ],
  [
    "a queue in another region cannot be reached, and trying again cannot help",
    "arn:aws:sqs:eu-west-1:444455556666:billing-mail",
    null,
    "queue arn:aws:sqs:eu-west-1:444455556666:billing-mail is not in this region, us-east-1",
  ],
] as const;

for (const [name, nameOrArn, expected, reason] of addresses) {
  test(name, async () => {
    const { queues, asked } = await setUp();
    const error: unknown = await sendOne(queues(nameOrArn)).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.equal(error === null ? null : describeError(error), reason);
    const [sent] = asked();
    if (expected !== null) assert.ok(JSON.stringify(sent).includes(`${expected}"`), JSON.stringify(sent));
  });
}

const sendOne = async (queue: Queue) => queue.send([{ body: "a" }]);

test("a queue is made once", async () => {
  const { queues } = await setUp();
  assert.equal(queues("parse"), queues("parse"));
});
