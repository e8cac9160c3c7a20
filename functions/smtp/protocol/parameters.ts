import type { Envelope } from "../../mail/messages.ts";
import { type Reply, replies } from "./reply.ts";

/** What the parameters of MAIL ask for. */
export interface MailParameters {
  readonly smtpUtf8: boolean;
  readonly bodyType: Envelope["bodyType"];
  /** RFC 1870; 0 when the client does not say. */
  readonly declaredSizeBytes: number;
}

type Parsed<Value> =
  | { readonly kind: "parameters"; readonly parameters: Value }
  | { readonly kind: "refused"; readonly reply: Reply };

/** Reads one parameter, or gives null where its value is malformed. A value that is undefined was not there. */
type Read = (parameters: MailParameters, value: string | undefined) => MailParameters | null;

const mailParameters: ReadonlyMap<string, Read> = new Map<string, Read>([
  [
    "SIZE",
    (parameters, value) =>
      value !== undefined && /^\d{1,20}$/.test(value)
        ? { ...parameters, declaredSizeBytes: Number(value) }
        : null,
  ],
  [
    "BODY",
    (parameters, value) => {
      const bodyType = value?.toUpperCase();
      return bodyType === "7BIT" || bodyType === "8BITMIME" || bodyType === "BINARYMIME"
        ? { ...parameters, bodyType }
        : null;
    },
  ],
  ["SMTPUTF8", (parameters, value) => (value === undefined ? { ...parameters, smtpUtf8: true } : null)],
]);

const none: MailParameters = { smtpUtf8: false, bodyType: "7BIT", declaredSizeBytes: 0 };

export function parseMailParameters(text: string): Parsed<MailParameters> {
  const words = splitParameters(text);
  let parameters = none;
  if (words === null) return { kind: "refused", reply: replies.badParameter };
  for (const [keyword, value] of words) {
    const read = mailParameters.get(keyword);
    if (read === undefined) return { kind: "refused", reply: replies.unknownParameter };
    const next = read(parameters, value);
    if (next === null) return { kind: "refused", reply: replies.badParameter };
    parameters = next;
  }
  return { kind: "parameters", parameters };
}

/** RCPT has no parameters yet: any is unknown, once its form is right. */
export function judgeRcptParameters(text: string): Reply | null {
  const words = splitParameters(text);
  if (words === null) return replies.badParameter;
  return words.size === 0 ? null : replies.unknownParameter;
}

/** Keywords in upper case with their values; null where one is malformed or comes twice (RFC 5321 §4.1.1.11). */
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
