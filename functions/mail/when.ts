/** The schema of a route's conditions. One value or a list of them, of which any may match; all conditions must hold. */
import * as z from "zod";
import { parseAddressPattern } from "./address-pattern.ts";
import { parseCidr } from "./cidr.ts";
import { configLimits } from "./config-limits.ts";
import { ArcResult, DkimResult, DmarcResult, SpfResult } from "./messages.ts";
import { nearest } from "./nearest.ts";
import { type Parsed, parsePattern } from "./pattern.ts";

/** Kinds of mail a route may ask for; see `kindsOf`. */
export const mailKinds = [
  "auto-reply",
  "auto-generated",
  "bounce",
  "feedback",
  "receipt",
  "list",
  "calendar",
  "encrypted",
  "signed",
] as const;

/** An object with these keys alone; `explain` says what else a key may be, or the nearest known one is offered. */
export function strict<Shape extends z.ZodRawShape>(
  shape: Shape,
  explain: (key: string) => string | null = () => null,
) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys
            .map((key) => explain(key) ?? noSuch(`key ${JSON.stringify(key)}`, nearest(key, known)))
            .join("; ")
        : `write an object with ${known.join(", ")}`,
  });
}

/** "no such …", with what may have been meant. */
export const noSuch = (what: string, meant: string | null) =>
  `no such ${what}${meant === null ? "" : `; did you mean ${JSON.stringify(meant)}?`}`;

/** A value, or a list of values; read as a list. */
export const oneOrMore = <Schema extends z.ZodType>(schema: Schema) =>
  z.union([
    schema.transform((value) => [value]),
    z
      .array(schema)
      .min(1, "the list is empty; name at least one")
      .max(configLimits.valuesMax, `write at most ${configLimits.valuesMax} values`),
  ]);

/** One of a few words; the nearest is offered for any other. */
function word<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, {
    error: ({ input }) => {
      const meant = typeof input === "string" ? nearest(input, words) : null;
      return `write one of ${words.join(", ")}${meant === null ? "" : `; did you mean "${meant}"?`}`;
    },
  });
}

const text = (error: string) =>
  z
    .string(error)
    .min(1, error)
    .max(configLimits.patternMaxLength, `write at most ${configLimits.patternMaxLength} characters`);

function checked(schema: z.ZodString, parse: (text: string) => Parsed<unknown>) {
  return schema.superRefine((value, context) => {
    const parsed = parse(value);
    if (parsed.kind === "problem") context.addIssue(`it ${parsed.problem}`);
  });
}

/** Captures are for the application that gets the recipient; elsewhere they would be lost. */
function withoutCaptures(parse: (text: string) => Parsed<unknown>) {
  return (value: string): Parsed<unknown> => {
    const parsed = parse(value);
    if (parsed.kind === "problem" || !hasCapture.test(value)) return parsed;
    return {
      kind: "problem",
      problem: "has a capture; only recipient captures, so write * instead, or \\{ for a brace",
    };
  };
}

const hasCapture = /(?<!\\)(?:\\\\)*\{/;

function parseMailboxPattern(value: string): Parsed<unknown> {
  const parsed = parseAddressPattern(value);
  if (parsed.kind === "problem" || parsed.pattern.kind !== "null") return parsed;
  return {
    kind: "problem",
    problem: "is the null reverse-path, which only mailFrom can be; write *@example.com",
  };
}

const addressText = text("write an address pattern such as *@example.com");
const recipientPattern = checked(addressText, parseMailboxPattern);
const mailboxPattern = checked(addressText, withoutCaptures(parseMailboxPattern));
const pathPattern = checked(addressText, withoutCaptures(parseAddressPattern));
const textPattern = checked(text("write a pattern such as *invoice*"), withoutCaptures(parsePattern));

export const Network = z
  .string("write an address or a network such as 192.0.2.0/24")
  .refine((value) => parseCidr(value) !== null, {
    error:
      "write an address or a network such as 192.0.2.0/24 or 2001:db8::/32, with no bits set behind the prefix",
  });
const truth = z.boolean("write true or false");

const sizeBytes = z
  .number("write a size in bytes, such as 1048576")
  .int("write whole bytes")
  .min(0, "write a size in bytes, 0 or more");

/** A field name of a header (RFC 5322 §2.2). */
const fieldName = z
  .string()
  .regex(/^[!-9;-~]{1,78}$/, "write a header field's name, such as X-Spam-Flag, without its colon");

const header = z
  .record(
    fieldName,
    oneOrMore(textPattern),
    'write header fields with their patterns, such as { "X-Spam-Flag": "yes" }',
  )
  .refine((fields) => Object.keys(fields).length > 0, "name at least one header field")
  .refine((fields) => Object.keys(fields).length <= configLimits.headerNamesMax, {
    error: `name at most ${configLimits.headerNamesMax} header fields`,
  });

/** Conditions on what is known when RCPT is answered. */
const atRcpt = {
  recipient: oneOrMore(recipientPattern)
    .describe("The recipient, as a pattern: reply+{ticket}@example.com")
    .optional(),
  mailFrom: oneOrMore(pathPattern)
    .describe('The envelope sender, as a pattern; "<>" is the null one')
    .optional(),
  remoteIp: oneOrMore(Network).describe("The client's address or network").optional(),
  tls: truth.describe("The mail came over TLS").optional(),
};

/** Conditions on the message itself. */
const onContent = {
  from: oneOrMore(mailboxPattern).describe("Any address of the From field, as a pattern").optional(),
  subject: oneOrMore(textPattern).describe("The subject, as a pattern: *invoice*").optional(),
  header: header.describe("Header fields that must all be there, each with a pattern").optional(),
  minSize: sizeBytes.describe("The message has at least this many bytes").optional(),
  maxSize: sizeBytes.describe("The message has at most this many bytes").optional(),
  hasAttachments: truth.describe("Something is attached that the HTML does not embed").optional(),
  attachmentType: oneOrMore(textPattern)
    .describe("Any attachment's type: application/pdf, image/*")
    .optional(),
  spf: oneOrMore(word(SpfResult.options)).optional(),
  dkim: oneOrMore(word(DkimResult.options)).describe("pass when any signature passes").optional(),
  dmarc: oneOrMore(word([...DmarcResult.options, "arc"]))
    .describe("arc: it fails, but a sealer of trustedArcSealers saw it pass before the mail was forwarded")
    .optional(),
  arc: oneOrMore(word(ArcResult.options)).optional(),
  kind: oneOrMore(word(mailKinds)).describe("What kind of mail it is").optional(),
};

/** A negation captures nothing, and holds none. */
const notAtRcpt = {
  ...atRcpt,
  recipient: oneOrMore(mailboxPattern).describe("The recipient, as a pattern").optional(),
};

const Conditions = strict({ ...notAtRcpt, ...onContent }).meta({ id: "Conditions" });
/** All conditions but a negation. */
export type Conditions = z.output<typeof Conditions>;

export const When = strict({
  ...atRcpt,
  ...onContent,
  not: Conditions.describe("These conditions do not all hold").optional(),
}).meta({ id: "When" });
export type When = z.output<typeof When>;

/** What a `reject` may ask for: it is answered before the message is sent. */
export const WhenAtRcpt = strict(
  {
    ...atRcpt,
    not: strict(notAtRcpt, tooEarly).describe("These conditions do not all hold").optional(),
  },
  tooEarly,
);

function tooEarly(key: string): string | null {
  return Object.hasOwn(onContent, key)
    ? `a reject cannot ask for ${key}: it is answered before the message is there; drop or quarantine instead`
    : null;
}
