/** What is odd between the envelope, the header and the verdict: for a person or a program to weigh, never a verdict. */
import { parseMailbox } from "../mail/address-pattern.ts";
import type { Config } from "../mail/config.ts";
import { isOwnDomain } from "../mail/match.ts";
import type { Address, Authentication, ParsedMessage } from "../mail/messages.ts";
import { type ValidateWarning, warn } from "./warnings.ts";

type OwnDomains = Pick<Config, "hostname" | "routes">;

export function findOddities(
  message: ParsedMessage,
  auth: Authentication,
  config: OwnDomains,
): ValidateWarning[] {
  const { envelope, isParsed } = message;
  return [
    ...(envelope.bareNewlines ? [warn("bare-newlines", "a bare CR, bare LF or NUL stands in the mail")] : []),
    ...(isParsed ? [...judgeAuthor(message, auth, config), ...judgeEnvelope(message)] : []),
  ];
}

function* judgeAuthor({ message, envelope }: ParsedMessage, auth: Authentication, config: OwnDomains) {
  const count = message.headers.filter(([name]) => name.toLowerCase() === "from").length;
  if (count > 1) yield warn("from-repeated", `${count} From fields`);
  const [author] = message.from;
  if (author === undefined) return;
  if (envelope.mailFrom !== null && !auth.spf.aligned) {
    const { domain } = parseMailbox(envelope.mailFrom);
    if (!isRelated(domain, author.domain))
      yield warn("from-differs", `From says ${author.domain}, MAIL FROM ${domain || "nothing"}`);
  }
  if (!isOwnDomain(author.domain, config)) {
    const shown = ownDomainIn(author, config);
    if (shown !== undefined)
      yield warn("name-own-domain", `the name shows ${shown}, the address is at ${author.domain}`);
  } else if (!auth.senderVerified) yield warn("from-own-domain", `From says ${author.address}`);
}

const isRelated = (one: string, other: string) =>
  one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`);

/** Full-width letters and dots look like plain ones, so NFKC comes first. */
function ownDomainIn({ name }: Address, config: OwnDomains): string | undefined {
  const words = (name ?? "")
    .slice(0, nameMaxLength)
    .normalize("NFKC")
    .split(/[^\p{L}\p{M}\p{N}.-]+/u);
  return words.find((word) => isOwnDomain(word.replace(/^\.+|\.+$/g, ""), config));
}

/** RFC 5322 §2.1.1: no line is longer. */
const nameMaxLength = 998;

function* judgeEnvelope({ envelope, kind, message }: ParsedMessage) {
  if (envelope.mailFrom === null && kind.bounce === null && kind.automatic === "no")
    yield warn("null-sender", "MAIL FROM <> with what is no report");
  const named = new Set([...message.to, ...message.cc].map(({ address }) => address.toLowerCase()));
  const unnamed = envelope.rcptTo.filter((recipient) => !named.has(recipient.toLowerCase()));
  if (unnamed.length > 0) yield warn("recipient-not-named", `neither To nor Cc names ${unnamed.join(", ")}`);
}
