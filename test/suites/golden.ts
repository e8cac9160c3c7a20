import * as z from "zod";

/** What the suite compares: what a golden says, or what this stage came to. */
export interface Reading {
  readonly subject: string | null;
  readonly from: readonly Mailbox[];
  readonly to: readonly Mailbox[];
  readonly date: string | null;
  readonly messageId: string | null;
  /** Null where there is none; not compared where it would have to be made of HTML. */
  readonly text: string | null | undefined;
  readonly html: string | null;
  readonly attachmentCount: number;
  /** One character a byte. */
  readonly attachmentBytes: readonly string[];
}

export type Mailbox = readonly [name: string | null, address: string | null];

const Text = z.object({ Text: z.string() });
const Html = z.object({ Html: z.string() });
const Bytes = z.union([
  z.object({ Binary: z.array(z.number()) }).transform(({ Binary }) => Binary),
  z.object({ InlineBinary: z.array(z.number()) }).transform(({ InlineBinary }) => InlineBinary),
]);

const MailboxList = z.array(z.object({ name: z.string().nullable(), address: z.string().nullable() }));
const Addresses = z.object({
  Address: z.union([
    z.object({ List: MailboxList }).transform(({ List }) => List),
    z
      .object({ Group: z.array(z.object({ addresses: MailboxList })) })
      .transform(({ Group }) => Group.flatMap(({ addresses }) => addresses)),
  ]),
});

const DateTime = z.object({
  DateTime: z.object({
    year: z.number(),
    month: z.number(),
    day: z.number(),
    hour: z.number(),
    minute: z.number(),
    second: z.number(),
    tz_before_gmt: z.boolean(),
    tz_hour: z.number(),
    tz_minute: z.number(),
  }),
});

const Golden = z.object({
  text_body: z.array(z.number()),
  html_body: z.array(z.number()),
  attachments: z.array(z.number()),
  parts: z.array(
    z.object({
      headers: z.array(z.object({ name: z.unknown(), value: z.unknown() })),
      body: z.unknown(),
      offset_body: z.number(),
      offset_end: z.number(),
    }),
  ),
});
type Golden = z.infer<typeof Golden>;

/** Reads a golden of stalwart's mail-parser for the mail it was made of; of a repeated field the first. */
export function readGolden(json: unknown, mail: Buffer): Reading {
  const golden = Golden.parse(json);
  const values = (name: string) =>
    golden.parts[0]?.headers.filter((header) => header.name === name).map(({ value }) => value) ?? [];
  const addresses = (value: unknown) =>
    (Addresses.safeParse(value).data?.Address ?? []).map(({ name, address }) => [name, address] as const);
  const messageId = Text.safeParse(values("message_id")[0]).data?.Text;
  return {
    subject: Text.safeParse(values("subject")[0]).data?.Text ?? null,
    from: addresses(values("from")[0]),
    to: values("to").flatMap(addresses),
    date: readDate(values("date")[0]),
    messageId: messageId === undefined ? null : `<${messageId}>`,
    ...readBodies(golden),
    attachmentCount: golden.attachments.length,
    attachmentBytes: golden.attachments.map((index) => readBytes(golden, index, mail)),
  };
}

function readDate(value: unknown): string | null {
  const date = DateTime.safeParse(value).data?.DateTime;
  if (date === undefined) return null;
  const offsetMinutes = (date.tz_before_gmt ? -1 : 1) * (date.tz_hour * 60 + date.tz_minute);
  const { year, month, day, hour, minute, second } = date;
  return new Date(Date.UTC(year, month - 1, day, hour, minute - offsetMinutes, second)).toISOString();
}

/** Line ends, NULs and joints as this project has them, which its documentation says. */
function readBodies({ parts, text_body, html_body }: Golden): Pick<Reading, "text" | "html"> {
  const texts = text_body.map((index) => parts[index]?.body);
  const joined = (pieces: readonly string[]) =>
    pieces.map((piece) => piece.replace(/\r\n?/g, "\n").replaceAll("\0", "")).join("\n") || null;
  return {
    text: texts.some((body) => Html.safeParse(body).success)
      ? undefined
      : joined(texts.flatMap((body) => Text.safeParse(body).data?.Text ?? [])),
    html: joined(html_body.flatMap((index) => Html.safeParse(parts[index]?.body).data?.Html ?? [])),
  };
}

function readBytes({ parts }: Golden, index: number, mail: Buffer): string {
  const part = parts[index];
  const bytes = Bytes.safeParse(part?.body).data;
  if (bytes !== undefined) return Buffer.from(bytes).toString("latin1");
  const text = Text.safeParse(part?.body).data?.Text ?? Html.safeParse(part?.body).data?.Html;
  if (text !== undefined) return Buffer.from(text).toString("latin1");
  return mail.subarray(part?.offset_body, part?.offset_end).toString("latin1");
}
