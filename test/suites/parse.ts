/**
 * The mail corpora, run through stage parse: `MAILCHUTE_CORPORA=<folder> node test/suites/parse.ts`. Every mail must
 * come to a message; over the goldens of stalwart's mail-parser each disagreement must be one that is explained below.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect, isDeepStrictEqual } from "node:util";
import { ParsedMessage } from "../../functions/mail/messages.ts";
import { parseData } from "../parse/parse-data.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { readMails } from "./corpora.ts";
import { disagreements } from "./disagreements.ts";
import { type Reading, readGolden } from "./golden.ts";

const corpora = process.env["MAILCHUTE_CORPORA"];
if (corpora === undefined) {
  console.log("MAILCHUTE_CORPORA names no folder: nothing to run");
} else {
  await runAll(corpora);
  await runGoldens(join(corpora, "stalwart-mail-parser/resources/eml"));
}

async function runAll(folder: string): Promise<void> {
  const mails = await readMails(folder);
  let unparsed = 0;
  const codes = new Map<string, number>();
  for (const [path, mail] of mails) {
    const message = ParsedMessage.parse(await parseData(mail));
    if (!message.isParsed) {
      unparsed += 1;
      console.log(`unparsed: ${path}`, message.warnings);
    }
    for (const { code } of message.warnings) codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  console.log(`parse: ${mails.length} mails came to a message, ${unparsed} of them unparsed; warnings:`);
  console.log([...codes].map(([code, count]) => `${code} ${count}`).join(", "));
}

/** Each mail as it would be with either line end; of the set's 107, those that are there. */
async function runGoldens(folder: string): Promise<void> {
  const agreed = new Map<string, { same: number; all: number }>();
  const seen = new Set<string>();
  const names = new Set<string>();
  for (const [path, mail] of await readMails(folder)) {
    const name = path.replace(/\.eml$/, "");
    names.add(name);
    for (const [golden, lineEnd] of [
      [`${name}.crlf.json`, "\r\n"],
      [`${name}.json`, "\n"],
    ] as const) {
      const sent = Buffer.from(mail.toString("latin1").replace(/\r?\n/g, lineEnd), "latin1");
      const json: unknown = JSON.parse(await readFile(join(folder, golden), "utf8"));
      const [theirs, ours] = [readGolden(json, sent), await readOurs(sent)];
      for (const [field, value] of Object.entries(theirs)) {
        if (value === undefined) continue;
        const own = new Map<string, unknown>(Object.entries(ours)).get(field);
        const count = agreed.get(field) ?? { same: 0, all: 0 };
        agreed.set(field, count);
        count.all += 1;
        if (isDeepStrictEqual(own, value)) count.same += 1;
        else report(`${name} ${field}`, { theirs: value, ours: own }, seen);
      }
    }
  }
  const explained = [...disagreements.keys()].filter((key) => names.has(key.replace(/ .*/, "")));
  const spent = explained.filter((key) => !seen.has(key));
  if (spent.length > 0) fail(`explained, but there is no such disagreement: ${spent.join(", ")}`);
  if (names.size === 0) fail(`no goldens in ${folder}`);
  console.log(
    `parse: agreement with the ${2 * names.size} goldens of stalwart's mail-parser, field by field:`,
  );
  for (const [field, { same, all }] of agreed) console.log(`  ${field.padEnd(16)} ${same} of ${all}`);
  for (const name of seen) console.log(`  ${name}: ${disagreements.get(name) ?? "NOT EXPLAINED"}`);
}

function report(name: string, values: object, seen: Set<string>): void {
  seen.add(name);
  if (!disagreements.has(name)) fail(`${name}: ${inspect(values, { maxStringLength: 300 })}`);
}

function fail(reason: string): void {
  console.log(`FAILED ${reason}`);
  process.exitCode = 1;
}

async function readOurs(mail: Buffer): Promise<Reading> {
  const store = createMemoryStore();
  const { message, attachments } = await parseData(mail, store);
  const mailboxes = (list: typeof message.from) =>
    list.map(({ name, address }) => [name, address === "" ? null : address] as const);
  return {
    subject: message.subject,
    from: mailboxes(message.from),
    to: mailboxes(message.to),
    date: message.date,
    messageId: message.messageId,
    text: message.text,
    html: message.html,
    attachmentCount: attachments.length,
    attachmentBytes: attachments.map(({ key }) => store.objects.get(key)?.bytes.toString("latin1") ?? ""),
  };
}
