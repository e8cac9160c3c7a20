/** What client and server said to each other, for whoever looks on: a transcript for each transaction that came to something. */
import type { Clock, Log } from "../mail/ports.ts";
import type { StageEvent } from "../mail/stage-event.ts";
import type { CommandLine } from "./protocol/command-line.ts";
import type { Command, EngineEvent } from "./protocol/engine-event.ts";
import type { Client } from "./protocol/session.ts";

export interface TranscriptLine {
  /** ISO 8601. */
  readonly at: string;
  /** Null for what neither of them said, such as that TLS began. */
  readonly by: "client" | "server" | null;
  readonly text: string;
  /** It came before the reply to what came before it had left (RFC 2920). */
  readonly isPipelined: boolean;
}

/** Takes the transcript of a transaction, with the event that says what it came to. */
export type KeepTranscript = (outcome: StageEvent, lines: readonly TranscriptLine[]) => void;

/** Of a transcript; where there are more, those in the middle are left out. */
export const transcriptLinesMax = 200;
/** Of a line; what is longer is cut. */
export const transcriptTextMax = 512;

/**
 * One session's. The first transcript begins with the client's arrival, each other one where the one before it ended;
 * what was said in a transaction that came to nothing stands in the next one. No credential is ever in it.
 */
export class Transcript {
  readonly #keep: KeepTranscript;
  readonly #now: Clock;
  #lines: TranscriptLine[] = [];
  #leftOut = 0;
  #client: Client | null = null;
  #hasAuth = false;
  /** What the transaction came to; its last reply may be still to come. */
  #outcome: StageEvent | null = null;
  /** Something came or was said, and nothing has left since. */
  #isUnderWay = false;

  constructor(keep: KeepTranscript, now: Clock) {
    this.#keep = keep;
    this.#now = now;
  }

  /** Takes what happens, in its order, and who the client is by then. */
  note(event: EngineEvent, client: Client): void {
    if (event.kind === "command") this.#end();
    if (client !== this.#client) this.#introduce(client);
    if (event.kind === "command") this.#hear(event);
    if (event.kind === "reply") for (const line of linesOf(event.reply.wire)) this.#add("server", line);
    if (event.kind === "end") this.#add("client", contentOf(event.findings.sizeBytes));
    if (event.kind === "refused" && event.sizeBytes > 0) this.#add("client", contentOf(event.sizeBytes));
    if (event.kind === "refused" && event.reply === null) this.#add(null, "The connection was lost");
    this.#isUnderWay = true;
  }

  /** What was said leaves: nothing more belongs to a transaction that is over. */
  rest(): void {
    this.#end();
    this.#isUnderWay = false;
  }

  /** The log as it was, except that what a transaction comes to ends its transcript. */
  watch(log: Log): Log {
    return (event) => {
      log(event);
      if (event.id === null && event.outcome !== "refused") return;
      this.#end();
      this.#outcome = event;
    };
  }

  #introduce(client: Client): void {
    const { remoteIp, remotePort, tls } = client;
    const before = this.#client;
    this.#client = client;
    if (before?.remoteIp !== remoteIp || before.remotePort !== remotePort)
      this.#add(null, `The client is ${remoteIp}, port ${remotePort}`);
    if (tls !== null && before?.tls !== tls) this.#add(null, `TLS began: ${tls.version}, ${tls.cipher}`);
  }

  #hear({ line, isResponse }: Command): void {
    const isAuth = !isResponse && /^\s*\S*AUTH/i.test(line.text ?? "");
    this.#hasAuth ||= isAuth;
    const isSecret = isResponse || (this.#hasAuth && !isCommand(line));
    const text = isAuth ? maskAuth(line.text ?? "") : isSecret ? masked : describeLine(line);
    this.#add("client", text, this.#isUnderWay);
  }

  #add(by: TranscriptLine["by"], text: string, isPipelined = false): void {
    this.#lines.push({ at: new Date(this.#now()).toISOString(), by, text: cut(text), isPipelined });
    if (this.#lines.length <= transcriptLinesMax) return;
    this.#lines.splice(transcriptLinesMax / 2, 1);
    this.#leftOut += 1;
  }

  #end(): void {
    const outcome = this.#outcome;
    if (outcome === null) return;
    const [lines, leftOut] = [this.#lines, this.#leftOut];
    this.#outcome = null;
    this.#lines = [];
    this.#leftOut = 0;
    this.#keep(outcome, leftOut === 0 ? lines : withGap(lines, leftOut));
  }
}

function withGap(lines: readonly TranscriptLine[], leftOut: number): readonly TranscriptLine[] {
  const middle = transcriptLinesMax / 2;
  const at = lines[middle]?.at ?? "";
  const gap = { at, by: null, text: `${leftOut} lines are left out here`, isPipelined: false };
  return [...lines.slice(0, middle), gap, ...lines.slice(middle)];
}

const linesOf = (wire: string) => wire.split("\r\n").slice(0, -1);

const contentOf = (sizeBytes: number) => `[${sizeBytes} octets of message]`;

const masked = "[masked]";

/** What stands behind AUTH may be a password, but for the name of a mechanism. */
const maskAuth = (text: string) =>
  text.replace(
    /^(AUTH(?: +(?:PLAIN|LOGIN|CRAM-MD5|EXTERNAL|XOAUTH2|OAUTHBEARER|SCRAM-SHA-(?:1|256)))?(?= |$))?.*$/is,
    (whole, shown = "") => (whole === shown ? whole : `${shown} ${masked}`.trim()),
  );

const verbs: ReadonlySet<string> = new Set(
  "HELO EHLO LHLO MAIL RCPT DATA BDAT RSET NOOP HELP VRFY EXPN STARTTLS QUIT XCLIENT".split(" "),
);

/** Nobody's base64: a command of SMTP, alone or with a space behind it. */
const isCommand = ({ text, verb }: CommandLine) =>
  verbs.has(verb) && (text?.length === verb.length || text?.[verb.length] === " ");

function describeLine({ text, octets }: CommandLine): string {
  if (text !== null) return text;
  return octets === Number.POSITIVE_INFINITY
    ? "[a line too long to be kept]"
    : `[${octets} octets that are no text]`;
}

function cut(text: string): string {
  const more = text.length - transcriptTextMax;
  return more <= 0 ? text : `${text.slice(0, transcriptTextMax)}[and ${more} more]`;
}
