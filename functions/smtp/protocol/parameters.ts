/** The parameters of MAIL and RCPT (RFC 5321 §4.1.1.11). */
import type { Dsn, DsnRecipient } from "../../mail/dsn.ts";
import type { Envelope } from "../../mail/messages.ts";
import { envidMaxOctets, orcptMaxOctets } from "./limits.ts";
import { parseForwardPath } from "./path.ts";
import { type Reply, replies } from "./reply.ts";
import { decodeXtext } from "./xtext.ts";

/** What the parameters of MAIL ask for. */
export interface MailParameters extends Pick<Dsn, "ret" | "envid"> {
  readonly smtpUtf8: boolean;
  readonly bodyType: Envelope["bodyType"];
  /** RFC 1870; 0 when the client does not say. */
  readonly declaredSizeBytes: number;
  /** RFC 8689. */
  readonly requireTls: boolean;
}

/** What the parameters of RCPT ask for. */
export type RcptParameters = Pick<DsnRecipient, "notify" | "orcpt">;

type Parsed<Parameters> =
  | { readonly kind: "parameters"; readonly parameters: Parameters }
  | { readonly kind: "refused"; readonly reply: Reply };

/** What a value says; null where it is malformed. Undefined is a parameter without a value. */
type Read<Parameters> = (value: string | undefined) => Partial<Parameters> | null;
type Readers<Parameters> = ReadonlyMap<string, Read<Parameters>>;

const mailReaders: Readers<MailParameters> = new Map<string, Read<MailParameters>>([
  ["SIZE", (value = "") => (/^\d{1,20}$/.test(value) ? { declaredSizeBytes: Number(value) } : null)],
  ["BODY", (value) => given("bodyType", find(value, ["7BIT", "8BITMIME", "BINARYMIME"]))],
  ["SMTPUTF8", (value) => (value === undefined ? { smtpUtf8: true } : null)],
  ["REQUIRETLS", (value) => (value === undefined ? { requireTls: true } : null)],
  ["RET", (value) => given("ret", find(value, ["FULL", "HDRS"]))],
  ["ENVID", (value) => given("envid", readEnvid(value))],
  // Nobody is trusted to speak for another (RFC 4954 §5): the value is checked and let go.
  ["AUTH", (value) => (isIdentity(value) ? {} : null)],
]);

const rcptReaders: Readers<RcptParameters> = new Map<string, Read<RcptParameters>>([
  ["NOTIFY", (value) => given("notify", readNotify(value))],
  ["ORCPT", (value) => given("orcpt", readOrcpt(value))],
]);

export const parseMailParameters = (text: string): Parsed<MailParameters> => {
  const none = { smtpUtf8: false, declaredSizeBytes: 0, requireTls: false, ret: null, envid: null };
  return parse(text, { ...none, bodyType: "7BIT" }, mailReaders);
};

export const parseRcptParameters = (text: string): Parsed<RcptParameters> =>
  parse(text, { notify: [], orcpt: null }, rcptReaders);

function parse<Parameters>(text: string, none: Parameters, readers: Readers<Parameters>): Parsed<Parameters> {
  const words = splitParameters(text);
  let parameters = none;
  if (words === null) return { kind: "refused", reply: replies.badParameter };
  for (const [keyword, value] of words) {
    const read = readers.get(keyword);
    if (read === undefined) return { kind: "refused", reply: replies.unknownParameter };
    const change = read(value);
    if (change === null) return { kind: "refused", reply: replies.badParameter };
    parameters = { ...parameters, ...change };
  }
  return { kind: "parameters", parameters };
}

/** Keywords in upper case with their values; null where one is malformed or comes twice. */
function splitParameters(text: string): ReadonlyMap<string, string | undefined> | null {
  const parameters = new Map<string, string | undefined>();
  for (const word of text.split(" ")) {
    if (word === "") continue;
    const [, name, value] = /^([A-Za-z\d][A-Za-z\d-]*)(?:=([^=]+))?$/.exec(word) ?? [];
    const keyword = name?.toUpperCase();
    if (keyword === undefined || parameters.has(keyword)) return null;
    parameters.set(keyword, value);
  }
  return parameters;
}

const given = <Name extends string, Value>(name: Name, value: Value | null) =>
  value === null ? null : { [name]: value };

const find = <Word extends string>(value: string | undefined, words: readonly Word[]): Word | null =>
  words.find((word) => word === value?.toUpperCase()) ?? null;

const isAscii = (text: string) => /^[ -~]*$/.test(text);

/** RFC 3461 §4.4. */
function readEnvid(value = ""): string | null {
  const envid = value.length <= envidMaxOctets ? decodeXtext(value) : null;
  return envid !== null && envid !== "" && isAscii(envid) ? envid : null;
}

/** RFC 3461 §4.1. */
function readNotify(value = ""): DsnRecipient["notify"] | null {
  const notify = new Set<DsnRecipient["notify"][number]>();
  for (const text of value.split(",")) {
    const word = find(text, ["NEVER", "SUCCESS", "FAILURE", "DELAY"]);
    if (word === null) return null;
    notify.add(word);
  }
  return notify.has("NEVER") && value.includes(",") ? null : [...notify];
}

/** RFC 3461 §4.2; its type "utf-8" may go beyond ASCII (RFC 6533 §3). */
function readOrcpt(value = ""): DsnRecipient["orcpt"] {
  const [, type, encoded = ""] = /^([\w!#$%&'*+/?^`{|}~-]+);(.+)$/.exec(value) ?? [];
  const address = decodeXtext(encoded);
  if (type === undefined || address === null || Buffer.byteLength(value) > orcptMaxOctets) return null;
  return isAscii(address) || type.toLowerCase() === "utf-8" ? { type, address } : null;
}

function isIdentity(value = ""): boolean {
  const identity = decodeXtext(value);
  return identity === "<>" || parseForwardPath(`<${identity}>`)?.rest === "";
}
