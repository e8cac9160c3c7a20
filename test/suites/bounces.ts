/**
 * What kind of mail the corpora's mails are: `MAILCHUTE_CORPORA=<folder> node test/suites/bounces.ts`. At least 97 % of
 * the bounces of sisimai's set must be seen as bounces, and no mail of any corpus that is none.
 */
import { join } from "node:path";
import type { ParsedMessage } from "../../functions/mail/messages.ts";
import { parseData } from "../parse/parse-data.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { readMails } from "./corpora.ts";

const corpora = process.env["MAILCHUTE_CORPORA"];
const seenShareMin = 0.97;

const bounceSet = "sisimai-set-of-emails";

/** Mails of the set of bounces that are none. */
const others: [path: RegExp, what: string, isSeen: (kind: ParsedMessage["kind"]) => boolean][] = [
  [/\/arf-26/, "a request to unsubscribe", ({ automatic }) => automatic !== "no"],
  [/\/arf-/, "a feedback report", ({ feedback }) => feedback !== null],
  [
    /\/rfc3834-/,
    "an automatic reply",
    ({ automatic }) => automatic === "auto-replied" || automatic === "vacation",
  ],
  [/\/is-not-bounce-/, "a letter", ({ automatic }) => automatic === "no"],
  [/\/rfc3464-28/, "a report that mail can be delivered", ({ automatic }) => automatic !== "no"],
  [
    /\/(?:lhost-sendmail-14|make-test-36)/,
    "a bounce that a person forwards",
    ({ automatic }) => automatic === "no",
  ],
];

/** Bounces of the other corpora. */
const bouncesElsewhere = new Set(
  [
    "mime_emails/raw_email_with_mimepart_without_content_type",
    "multipart_report_emails/multi_address_bounce1",
    "multipart_report_emails/multi_address_bounce2",
    "multipart_report_emails/multipart_report_multiple_status",
    "multipart_report_emails/report_422",
    "multipart_report_emails/report_530",
  ].map((name) => `mikel-mail/spec/fixtures/emails/${name}.eml`),
);

if (corpora === undefined) console.log("MAILCHUTE_CORPORA names no folder: nothing to run");
else await run(corpora);

async function run(folder: string): Promise<void> {
  const counts = { bounces: 0, seen: 0, named: 0, elsewhere: 0, others: 0 };
  for (const [path, mail] of await readMails(folder)) {
    const { kind } = await parseData(mail, createMemoryStore(), reversePath(mail));
    const isOfSet = path.startsWith(bounceSet);
    const other = isOfSet ? others.find(([pattern]) => pattern.test(path)) : undefined;
    if (isOfSet && other === undefined) {
      counts.bounces += 1;
      if (kind.bounce === null) console.log(`  not seen: ${path}`);
      else counts.seen += 1;
      if ((kind.bounce?.length ?? 0) > 0) counts.named += 1;
    } else if (bouncesElsewhere.has(path)) {
      counts.elsewhere += 1;
      if (kind.bounce === null) fail(`${path} is a bounce`);
    } else {
      counts.others += 1;
      if (kind.bounce !== null) fail(`${path} is no bounce`);
      if (other?.[2](kind) === false) fail(`${path} is ${other[1]}`);
    }
  }
  const { bounces, seen, named, elsewhere } = counts;
  console.log(
    `bounces: ${seen} of ${bounces} seen (${((100 * seen) / bounces).toFixed(1)} %), ${named} with the recipient; ` +
      `${elsewhere} in other corpora; ${counts.others} other mails`,
  );
  if (bounces === 0) fail(`no bounces in ${join(folder, bounceSet)}`);
  if (seen < bounces * seenShareMin) fail(`fewer than ${100 * seenShareMin} %`);
  if (elsewhere < bouncesElsewhere.size) fail("a bounce of another corpus is not there");
}

/** What the envelope said, as delivery noted it (RFC 5321 §4.4). */
function reversePath(mail: Buffer): string | null {
  const [header = ""] = mail.toString("latin1").split(/\r?\n\r?\n/, 1);
  const path = /^return-path:(.*)$/im.exec(header)?.[1];
  return path === undefined ? "unknown@client.test" : path.replace(/[<>\s]/g, "") || null;
}

function fail(reason: string): void {
  console.log(`FAILED ${reason}`);
  process.exitCode = 1;
}
