/**
 * SMTP dialogues as text, one step a line:
 *
 *     # a comment: the row of behaviour and the RFC's section
 *     set NAME VALUE   how the server is set up, before anything else; see `DialogueSetup`
 *     C: text          the client sends a line; CRLF is added
 *     C> text          the client sends octets
 *     S: text          the next reply begins with this
 *     S= text          the next reply's lines, each whole; one S= for each
 *     S~ pattern       the next reply matches this regular expression; its lines end in CRLF
 *     TLS              the handshake
 *     lost             the client hangs up
 *     close            the server has closed the connection
 *     wait N           so many seconds pass
 *     stop             the server is told to stop
 *     D: text, D> text the next stored message, line by line or octet by octet
 *     E: json          the envelope of the message just named has at least this
 *     B~ pattern       the block that the server put before that message matches this regular expression
 *     stored N         so many messages are in the store by now
 *
 * In a text stand `\r \n \t \0 \\ \xHH`, and `\{40*text}` for repeated text. `C*100:` and `S*100:` repeat a step. What
 * the client sends between two replies is one group. Messages that no D names must not be stored.
 */
export type Step =
  | { readonly kind: "send"; readonly octets: Buffer }
  | { readonly kind: "reply"; readonly matches: (reply: string) => boolean; readonly expected: string }
  | { readonly kind: "tls" }
  | { readonly kind: "lost" }
  | { readonly kind: "close" }
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "stop" }
  | { readonly kind: "message"; readonly octets: Buffer }
  | { readonly kind: "envelope"; readonly expected: Readonly<Record<string, unknown>> }
  | { readonly kind: "block"; readonly pattern: RegExp }
  | { readonly kind: "stored"; readonly count: number };

export interface DialogueSetup {
  protocol?: "smtp" | "lmtp";
  messageMaxSizeBytes?: number;
  recipientsMax?: number;
  hopsMax?: number;
  bareNewlines?: "reject" | "flag";
  /** `broken` is offered, and has no certificate. */
  tls?: "off" | "on" | "broken";
  client?: "refused";
  /** The client's address has as many as it may. */
  connections?: "full";
  /** `ann` has the password `secret`. */
  users?: "ann";
  xclient?: "trusted";
  greeting?: "late";
  store?: "failing";
  memory?: "full";
}

export interface Dialogue {
  readonly setup: DialogueSetup;
  readonly steps: readonly Step[];
}

export function parseDialogue(text: string): Dialogue {
  const setup: Record<string, string | number> = {};
  const steps: Step[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [, name, value] = /^set (\w+) (\w+)$/.exec(line) ?? [];
    const [, count] = /^stored (\d+)$/.exec(line) ?? [];
    const [, seconds] = /^wait (\d+)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) setup[name] = /^\d+$/.test(value) ? Number(value) : value;
    else if (count !== undefined) steps.push({ kind: "stored", count: Number(count) });
    else if (line === "TLS") steps.push({ kind: "tls" });
    else if (seconds !== undefined) steps.push({ kind: "wait", seconds: Number(seconds) });
    else if (line === "lost" || line === "close" || line === "stop") steps.push({ kind: line });
    else addStep(steps, line);
  }
  return { setup, steps };
}

function addStep(steps: Step[], line: string): void {
  const [, kind, times = "1", mark, rest = ""] = /^([CSDEB])(?:\*(\d+))?([:>=~])(?: (.*))?$/.exec(line) ?? [];
  const previous = steps.at(-1);
  switch (`${kind}${mark}`) {
    case "C:":
    case "C>":
      for (let time = 0; time < Number(times); time++) {
        steps.push({ kind: "send", octets: octetsOf(rest, mark === ":" ? "\r\n" : "") });
      }
      return;
    case "S:":
      for (let time = 0; time < Number(times); time++) {
        steps.push({ kind: "reply", matches: (reply) => reply.startsWith(rest), expected: rest });
      }
      return;
    case "S~":
      steps.push({ kind: "reply", matches: (reply) => new RegExp(rest).test(reply), expected: `/${rest}/` });
      return;
    case "S=": {
      const isMore = previous?.kind === "reply" && /^\d{3}-[^\r]*\r\n$/m.test(lastLine(previous.expected));
      if (isMore) steps.pop();
      const expected = `${isMore ? previous.expected : ""}${rest}\r\n`;
      steps.push({ kind: "reply", matches: (reply) => reply === expected, expected });
      return;
    }
    case "D:":
    case "D>": {
      const isMore = previous?.kind === "message";
      if (isMore) steps.pop();
      const octets = octetsOf(rest, mark === ":" ? "\r\n" : "");
      steps.push({ kind: "message", octets: isMore ? Buffer.concat([previous.octets, octets]) : octets });
      return;
    }
    case "E:":
      steps.push({ kind: "envelope", expected: JSON.parse(rest) });
      return;
    case "B~":
      steps.push({ kind: "block", pattern: new RegExp(rest) });
      return;
    default:
      throw new Error(`no step of a dialogue: ${line}`);
  }
}

const lastLine = (text: string) => text.slice(text.lastIndexOf("\n", text.length - 2) + 1);

const escapes: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", "0": "\0", "\\": "\\" };

function octetsOf(text: string, ending: string): Buffer {
  const octets = text.split(/(\\x[0-9a-f]{2}|\\\{\d+\*[^}]*\}|\\.)/i).map((part) => {
    const [, times, repeated] = /^\\\{(\d+)\*(.*)\}$/.exec(part) ?? [];
    if (times !== undefined) return octetsOf((repeated ?? "").repeat(Number(times)), "");
    if (part.startsWith("\\x")) return Buffer.from(part.slice(2), "hex");
    return Buffer.from(part.startsWith("\\") ? (escapes[part.slice(1)] ?? part) : part);
  });
  return Buffer.concat([...octets, Buffer.from(ending)]);
}
