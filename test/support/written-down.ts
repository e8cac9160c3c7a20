/** What a transcript of a dialogue must say, the slow and obvious way: of what was sent, each reply answers the next thing. */
import { isUtf8 } from "node:buffer";
import { commandLineMaxOctets, mailLineGrowthOctets } from "../../functions/smtp/protocol/limits.ts";
import { type TranscriptLine, transcriptTextMax } from "../../functions/smtp/transcript.ts";
import type { Dialogue } from "./smtp-dialogue.ts";

const verbs =
  /^(?:HELO|EHLO|LHLO|MAIL|RCPT|DATA|BDAT|RSET|NOOP|HELP|VRFY|EXPN|STARTTLS|QUIT|XCLIENT)(?: |$)/i;

/** By the replies that were said, in their order: `C ` before what the client sent, `C+` where it was pipelined, `S ` before a reply's lines. */
export function writtenDown({ steps }: Dialogue, replies: readonly string[]): readonly string[] {
  const lines: string[] = [];
  const rest = [...replies];
  let [sent, mode, isGreeted, hasAuth, taken] = ["", "command", false, false, 0];

  const takeMessage = () => {
    const end = sent.startsWith(".\r\n") ? -2 : sent.indexOf("\r\n.\r\n");
    // Where it was cut off, a CR may have been the end's.
    const content = end === -1 ? sent.replace(/\r$/, "") : sent.slice(0, end + 2);
    sent = end === -1 ? "" : sent.slice(end + 5);
    const octets = content.replace(/(^|\r\n)\./g, "$1").length;
    if (end !== -1 || octets > 0) lines.push(`C [${octets} octets of message]`);
    taken += 1;
  };
  const takeLine = () => {
    const end = sent.indexOf("\r\n");
    if (end === -1) return;
    const line = sent.slice(0, end);
    const [, size] = /^BDAT (\d+)(?: +LAST)? *$/i.exec(line) ?? [];
    sent = sent.slice(end + 2 + Number(size ?? 0));
    lines.push(`C${taken > 0 ? "+" : ""} ${mode === "response" ? "[masked]" : shown(line)}`);
    taken += 1;
  };
  const shown = (octets: string) => {
    const bytes = Buffer.from(octets, "latin1");
    const text = bytes.toString();
    const [, auth, more] = /^(AUTH(?: (?:PLAIN|LOGIN|CRAM-MD5)(?= |$))?)(.*)$/i.exec(text) ?? [];
    hasAuth ||= auth !== undefined;
    if (auth !== undefined) return more?.trim() === "" ? auth : `${auth} [masked]`;
    if (hasAuth && !verbs.test(text)) return "[masked]";
    if (octets.length + 2 > commandLineMaxOctets + mailLineGrowthOctets)
      return "[a line too long to be kept]";
    if (!isUtf8(bytes) || /\p{Cc}/u.test(text.trimEnd()))
      return `[${octets.length + 2} octets that are no text]`;
    const known = text.trimEnd();
    const over = known.length - transcriptTextMax;
    return over <= 0 ? known : `${known.slice(0, transcriptTextMax)}[and ${over} more]`;
  };
  const takeReply = () => {
    const reply = rest.shift() ?? "";
    if (isGreeted && mode === "data") takeMessage();
    else if (isGreeted) takeLine();
    isGreeted = true;
    mode = reply.startsWith("354") ? "data" : reply.startsWith("334") ? "response" : "command";
    lines.push(
      ...reply
        .split("\r\n")
        .slice(0, -1)
        .map((line) => `S ${line}`),
    );
  };

  let isGroup = false;
  for (const step of steps) {
    if (step.kind === "send") {
      if (!isGroup) taken = 0;
      sent += step.octets.toString("latin1");
    }
    isGroup = step.kind === "send";
    if (step.kind === "tls") sent = "";
    if (step.kind === "reply") takeReply();
  }
  if (mode === "data" && sent !== "") takeMessage();
  if (mode === "command" && /^BDAT /i.test(sent)) takeLine();
  return lines;
}

/** Who spoke, what, and whether it was pipelined. */
export const brief = ({ by, text, isPipelined }: TranscriptLine) =>
  `${by === null ? "-" : by === "client" ? "C" : "S"}${isPipelined ? "+" : ""} ${text}`;
