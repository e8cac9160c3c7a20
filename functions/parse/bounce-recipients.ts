import { parseAddresses } from "./addresses.ts";
import type { ReportText } from "./bounce-text.ts";
import { saysDelay } from "./bounce-wording.ts";
import { boundDiagnostic, defaultStatus, findStatus, type ReportedRecipient } from "./delivery-status.ts";
import { excerptsOf, headerOf, returnedMessage } from "./excerpts.ts";
import type { KindSource } from "./kind.ts";

type Blamed = Pick<ReportedRecipient, "action" | "status" | "recipient" | "diagnostic">;

/** The lines that are about one recipient. */
interface Block {
  readonly recipient: string;
  readonly lines: string[];
}

/** An address among words; the bounds keep a search for it linear. */
const address = /[^\s<>()[\]",;:'`*|]{1,64}@[\p{L}\p{N}][\p{L}\p{N}.-]{0,253}[\p{L}\p{N}]/u;
/** What stands before an address that begins a line. */
const bullet = /^[\s>*•"'“«<(|-]*/;
/** Whom a report says to write to. */
const helper = /^(?:post-?master|mailer-?daemon|support|help|helpdesk|abuse|admin|webmaster|info|service)@/i;
/** A line with a reply of SMTP, or with an enhanced status code. */
const reply = /(?<![\d.@])(?:[45]\d\d[ -]|[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d))/;
const blamedMax = 100;
const paragraphLinesMax = 6;

/** The recipients that the words of a bounce name, each with what is said of it. */
export function findBlamed(source: KindSource, text: ReportText): Blamed[] {
  const lines = text.report.split("\n");
  const action = saysDelay(source.header.subject ?? "") ? "delayed" : "failed";
  const blocks = findBlocks(source, lines);
  const named = addressesIn(source.fields.first("x-failed-recipients")?.raw);
  if (named.length === 0 && blocks.length > 0) return blocks.map((block) => describe(block, action));
  return (named.length > 0 ? named : returnedTo(source, text)).map((recipient) => {
    const block = blocks.find((one) => one.recipient.toLowerCase() === recipient.toLowerCase());
    return describe(block ?? { recipient, lines }, action);
  });
}

/** An address that begins a line is the likeliest; the sender's own is none, unless it stands there alone. */
function findBlocks({ header: { from, to } }: KindSource, lines: readonly string[]): Block[] {
  const system = new Set(from.map((mailbox) => mailbox.address.toLowerCase()));
  const own = new Set([...system, ...to.map((mailbox) => mailbox.address.toLowerCase())]);
  const isBlamable = (found: string) => !own.has(found.toLowerCase()) && !helper.test(found);
  const attempts = [
    (line: string) => only(isBlamable, atStart(line)),
    (line: string) => only(isBlamable, anywhere(line)),
    (line: string) => only((found) => !system.has(found.toLowerCase()), atStart(line)),
  ];
  for (const begins of attempts) {
    const blocks = cutBlocks(lines, begins);
    if (blocks.length > 0) return blocks;
  }
  return [];
}

function atStart(line: string): string | null {
  const start = bullet.exec(line)?.[0].length ?? 0;
  const found = address.exec(line.slice(start));
  return found?.index === 0 ? found[0] : null;
}

const only = (isBlamable: (found: string) => boolean, found: string | null) =>
  found !== null && isBlamable(found) ? found : null;

const anywhere = (line: string) => address.exec(line)?.[0] ?? null;

/** A block goes on to the line that begins the next; what is said again, in another language, is said. */
function cutBlocks(lines: readonly string[], begins: (line: string) => string | null): Block[] {
  const blocks: Block[] = [];
  for (const line of lines) {
    const recipient = begins(line);
    if (recipient !== null && recipient !== blocks.at(-1)?.recipient) blocks.push({ recipient, lines: [] });
    blocks.at(-1)?.lines.push(line);
  }
  const byRecipient = Map.groupBy(blocks, ({ recipient }) => recipient.toLowerCase());
  return [...byRecipient.values()].flatMap(([first]) => first ?? []).slice(0, blamedMax);
}

function describe({ recipient, lines }: Block, action: Blamed["action"]): Blamed {
  const said = behindAddress(lines, recipient);
  const at = said.findIndex((line) => reply.test(line));
  const paragraph = paragraphAt(said, at === -1 ? said.findIndex((line) => line.trim() !== "") : at);
  const diagnostic = paragraph.join(" ").replace(/\s+/g, " ").trim();
  const status = findStatus(diagnostic) ?? findStatus(said.join("\n")) ?? statusOfReply(diagnostic);
  return {
    action,
    recipient,
    status: status ?? defaultStatus(action),
    diagnostic: boundDiagnostic(diagnostic || null),
  };
}

function behindAddress(lines: readonly string[], recipient: string): readonly string[] {
  const [first = "", ...rest] = lines;
  const at = first.indexOf(recipient);
  return at === -1 ? lines : [first.slice(at + recipient.length).replace(/^[\s>)"':\].,]+/, ""), ...rest];
}

/** Up to the blank line; behind a colon it goes on. */
function paragraphAt(lines: readonly string[], start: number): string[] {
  const paragraph: string[] = [];
  for (const line of lines.slice(Math.max(start, 0), start + paragraphLinesMax)) {
    if (line.trim() === "" && paragraph.at(-1)?.trimEnd().endsWith(":") !== true) break;
    if (line.trim() !== "") paragraph.push(line);
  }
  return paragraph;
}

function statusOfReply(diagnostic: string): string | null {
  const code = /(?<![\d.])([45])\d\d[ -]/.exec(diagnostic)?.[1];
  return code === undefined ? null : `${code}.0.0`;
}

/** Where the report names nobody, whom the returned message was for. */
function returnedTo({ excerpts }: KindSource, { returned }: ReportText): string[] {
  const headers = [...excerptsOf(excerpts, returnedMessage).map(({ bytes }) => bytes), Buffer.from(returned)];
  for (const header of headers) {
    const recipients = addressesIn(headerOf(header).first("to")?.raw);
    if (recipients.length > 0) return recipients.slice(0, blamedMax);
  }
  return [];
}

const addressesIn = (raw: string | undefined): string[] =>
  parseAddresses(raw ?? "", () => undefined).flatMap(({ address: found }) =>
    found.includes("@") ? [found] : [],
  );
