import type { Envelope } from "../../mail/messages.ts";
import { type CommandLine, step } from "./commands.ts";
import { DataDecoder, type Findings } from "./data-decoder.ts";
import { commandLineMaxOctets, mailLineGrowthOctets } from "./limits.ts";
import { LineDecoder } from "./line-decoder.ts";
import { greeting, type Reply, replies } from "./reply.ts";
import {
  type Client,
  envelopeOf,
  type Policy,
  type Session,
  startSession,
  type Transaction,
} from "./session.ts";
import type { Ask } from "./step.ts";
import { withTransaction } from "./transaction.ts";

/** What the connection must do, in this order. Behind an {@link Ask} nothing comes until it is answered. */
export type EngineEvent =
  | { readonly kind: "reply"; readonly reply: Reply }
  | Ask
  /** Octets of the message that began. */
  | { readonly kind: "message"; readonly octets: Buffer }
  /** The message that began will be refused at its end: nothing of it need be kept. */
  | { readonly kind: "discard" }
  | Refused
  | { readonly kind: "close" };

/** A transaction ended with nothing stored. */
export interface Refused {
  readonly kind: "refused";
  readonly envelope: Envelope;
  readonly refusedRecipients: number;
  /** 0 where no message was sent. */
  readonly sizeBytes: number;
  /** Null when the connection was lost. */
  readonly reply: Reply | null;
}

type Mode = "greeting" | "command" | "data" | "asking" | "closed";

const empty = Buffer.alloc(0);
const lineMaxOctets = commandLineMaxOctets + mailLineGrowthOctets;

/**
 * One SMTP session without its socket: bytes and answers in, events out, the same events for every split of the
 * input. After STARTTLS it is spent: what was pipelined behind is never run (CVE-2011-0411), a new one goes on.
 */
export class Engine {
  readonly #policy: Policy;
  readonly #lines = new LineDecoder(lineMaxOctets);
  #session: Session;
  #mode: Mode;
  #asked: Ask["kind"] | null = null;
  #data = new DataDecoder();
  #isDiscarding = false;
  /** Came behind an ask that is not answered yet. */
  #rest: Buffer = empty;
  #events: EngineEvent[] = [];

  constructor(client: Client, policy: Policy) {
    this.#policy = policy;
    this.#session = startSession(client);
    // After STARTTLS the client speaks first (RFC 3207 §4.2); so does nobody else.
    this.#mode = client.tls === null ? "greeting" : "command";
  }

  /** A message is on its way or being stored: the session should not be ended now. */
  get isReceiving(): boolean {
    return this.#mode === "data" || (this.#mode === "asking" && this.#asked === "end");
  }

  /** The ordinal of the open transaction; 0 for none. */
  get transaction(): number {
    return this.#session.transaction === null ? 0 : this.#session.transactions;
  }

  greet(): readonly EngineEvent[] {
    const { hostname, isClientRefused } = this.#policy;
    if (this.#mode === "greeting") this.#say(isClientRefused ? replies.noService : greeting(hostname));
    return this.#take();
  }

  feed(bytes: Buffer): readonly EngineEvent[] {
    if (this.#mode === "greeting") this.#say(replies.outOfSync);
    this.#run(bytes);
    return this.#take();
  }

  /** Answers what was asked last. */
  answer(reply: Reply): readonly EngineEvent[] {
    if (this.#mode !== "asking") return [];
    const rest = this.#rest;
    this.#rest = empty;
    if (this.#asked === "begin") this.#begin(reply, rest.length > 0);
    else if (this.#asked === "end") this.#end(reply);
    else this.#say(reply);
    this.#run(rest);
    return this.#take();
  }

  /** Ends the session from this side. */
  shutDown(reply: Reply): readonly EngineEvent[] {
    if (this.#mode === "data") this.#events.push({ kind: "discard" });
    if (this.#mode === "data") this.#reportRefused(this.#session.transaction, reply);
    if (this.#mode !== "closed") this.#say(reply);
    return this.#take();
  }

  /** The connection is gone. */
  lost(): readonly EngineEvent[] {
    if (this.#mode === "data") this.#reportRefused(this.#session.transaction, null);
    else if (!this.isReceiving) this.#drop(this.#session.transaction);
    this.#mode = "closed";
    return this.#take();
  }

  #take(): readonly EngineEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #run(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#mode === "command") at = this.#readCommand(bytes, at);
      else if (this.#mode === "data") at = this.#readData(bytes, at);
      else break;
    }
    if (this.#mode !== "asking" || at === bytes.length) return;
    const behind = bytes.subarray(at);
    this.#rest = this.#rest.length === 0 ? behind : Buffer.concat([this.#rest, behind]);
  }

  #readCommand(bytes: Buffer, from: number): number {
    const line = this.#lines.decode(bytes, from);
    if (line.kind === "partial") return bytes.length;
    if (line.kind === "overlong") this.#say(replies.lineTooLong);
    else this.#command({ text: decodeText(line.octets), octets: line.octets.length + "\r\n".length });
    return line.end;
  }

  #command(line: CommandLine): void {
    const result = step(this.#session, line, this.#policy);
    this.#session = result.session;
    if (result.kind === "ask") this.#ask(result.ask);
    else {
      this.#drop(result.dropped);
      this.#say(result.reply);
    }
  }

  #ask(ask: Ask): void {
    this.#events.push(ask);
    this.#asked = ask.kind;
    this.#mode = "asking";
  }

  #begin(reply: Reply, isEarly: boolean): void {
    this.#data = new DataDecoder();
    this.#isDiscarding = false;
    // The body before 354: one who cannot wait cannot know whether it is taken (RFC 2920 §3.1).
    if (isEarly && reply.next === "data") this.#events.push({ kind: "discard" });
    const said = isEarly ? replies.outOfSync : reply;
    if (said.next !== "data") this.#session = withTransaction(this.#session, { refusal: said });
    this.#say(said);
  }

  #readData(bytes: Buffer, from: number): number {
    const { octets, end, isEnd } = this.#data.decode(bytes, from);
    const { findings } = this.#data;
    const refusal = this.#judge(findings);
    if (refusal === null) {
      if (octets.length > 0) this.#events.push({ kind: "message", octets });
      if (isEnd) this.#ask({ kind: "end", findings });
      return end;
    }
    if (!this.#isDiscarding) this.#events.push({ kind: "discard" });
    this.#isDiscarding = true;
    if (isEnd) {
      this.#reportRefused(this.#session.transaction, refusal);
      this.#end(refusal);
    }
    return end;
  }

  /** Null while the message may be taken. */
  #judge({ sizeBytes, bareNewlines, hops }: Findings): Reply | null {
    const { limits, bareNewlines: policy } = this.#policy;
    if (sizeBytes > limits.messageMaxSizeBytes) return replies.tooLarge;
    if (bareNewlines && policy === "reject") return replies.bareNewline;
    return hops >= limits.hopsMax ? replies.loop : null;
  }

  #end(reply: Reply): void {
    const failures = reply.code < 300 ? 0 : this.#session.failures;
    this.#session = { ...this.#session, transaction: null, failures };
    this.#say(reply);
  }

  /** Every reply goes through here, and so does what follows from it. */
  #say(reply: Reply): void {
    const said = reply.code >= 500 ? this.#fail(reply) : reply;
    this.#events.push({ kind: "reply", reply: said });
    this.#mode = said.next === "close" || said.next === "tls" ? "closed" : said.next;
    if (said.next !== "close") return;
    this.#drop(this.#session.transaction);
    this.#events.push({ kind: "close" });
  }

  #fail(reply: Reply): Reply {
    const failures = this.#session.failures + 1;
    this.#session = { ...this.#session, failures };
    return failures > this.#policy.limits.commandFailuresMax ? replies.tooManyFailures : reply;
  }

  /** A transaction that met no refusal was given up by the client, and is nobody's news. */
  #drop(transaction: Transaction | null): void {
    if (transaction !== null && transaction.refusal !== null)
      this.#reportRefused(transaction, transaction.refusal);
  }

  #reportRefused(transaction: Transaction | null, reply: Reply | null): void {
    if (transaction === null) return;
    const sizeBytes = this.isReceiving ? this.#data.findings.sizeBytes : 0;
    this.#session = { ...this.#session, transaction: null };
    this.#events.push({
      kind: "refused",
      envelope: envelopeOf(this.#session, transaction),
      refusedRecipients: transaction.refusedRecipients,
      sizeBytes,
      reply,
    });
  }
}

/** Printable ASCII, or UTF-8 without control characters; null for anything else. White space at the end is let pass. */
function decodeText(octets: Buffer): string | null {
  const text = octets.toString("latin1");
  if (/^[ -~]*$/.test(text)) return text.trimEnd();
  try {
    const decoded = utf8.decode(octets).replace(/[ \t]+$/, "");
    return /\p{Cc}/u.test(decoded) ? null : decoded;
  } catch {
    return null;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
