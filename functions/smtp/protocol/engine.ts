import { type CommandLine, CommandReader } from "./command-line.ts";
import { step } from "./commands.ts";
import { type EngineEvent, refusedEvent } from "./engine-event.ts";
import { Intake } from "./intake.ts";
import { greeting, type Reply, replies } from "./reply.ts";
import {
  type Client,
  countFailure,
  type Policy,
  type Session,
  startSession,
  type Transaction,
  withUser,
} from "./session.ts";
import type { Ask, Chunk } from "./step.ts";
import { withTransaction } from "./transaction.ts";

type Mode = "greeting" | "command" | "data" | "chunk" | "asking" | "closed";

const empty = Buffer.alloc(0);
const noChunk: Chunk = { sizeBytes: 0, isLast: false, refusal: null, begin: null };

/**
 * One SMTP session without its socket: bytes and answers in, events out, the same events for every split of the
 * input. After STARTTLS it is spent: what was pipelined behind is never run (CVE-2011-0411), a new one goes on.
 */
export class Engine {
  readonly #policy: Policy;
  readonly #lines = new CommandReader();
  #session: Session;
  #mode: Mode;
  #asked: Ask | null = null;
  /** The message that has begun, until it is answered. */
  #intake: Intake | null = null;
  /** What BDAT announced last, and how much of it is still to come. */
  #chunk = noChunk;
  #chunkLeft = 0;
  /** Came behind an ask that is not answered yet. */
  #rest: Buffer = empty;
  #events: EngineEvent[] = [];

  /** After STARTTLS it starts with a command: there is no second greeting (RFC 3207 §4.2). */
  constructor(client: Client, policy: Policy, start: "greeting" | "command" = "greeting") {
    this.#policy = policy;
    this.#session = startSession(client);
    this.#mode = start;
  }

  /** A message is on its way or being stored: the session should not be ended now. */
  get isReceiving(): boolean {
    return this.#intake !== null && this.#mode !== "closed";
  }

  get session(): Session {
    return this.#session;
  }

  greet(): readonly EngineEvent[] {
    const { hostname, protocol, isClientRefused } = this.#policy;
    if (this.#mode === "greeting") {
      this.#say(isClientRefused ? replies.noService : greeting(hostname, protocol));
    }
    return this.#take();
  }

  feed(bytes: Buffer): readonly EngineEvent[] {
    if (this.#mode === "greeting") this.#say(replies.earlyTalker);
    this.#run(bytes);
    return this.#take();
  }

  /** Answers what was asked last. */
  answer(reply: Reply): readonly EngineEvent[] {
    if (this.#mode !== "asking") return [];
    const rest = this.#rest;
    this.#rest = empty;
    const asked = this.#asked;
    if (asked?.kind === "begin") this.#begin(reply, rest.length > 0);
    else if (asked?.kind === "end") this.#end(reply, this.#session.transaction);
    else {
      if (asked?.kind === "authenticate") this.#session = withUser(this.#session, asked.user, reply);
      this.#say(reply);
    }
    this.#run(rest);
    return this.#take();
  }

  /** Ends the session from this side. */
  shutDown(reply: Reply): readonly EngineEvent[] {
    if (this.#isUnfinished) this.#drop(this.#session.transaction, reply);
    if (this.#mode !== "closed") this.#say(reply);
    return this.#take();
  }

  /** The connection is gone. */
  lost(): readonly EngineEvent[] {
    if (this.#isUnfinished) this.#drop(this.#session.transaction, "lost");
    else if (!this.isReceiving) this.#abandon(this.#session.transaction);
    this.#mode = "closed";
    return this.#take();
  }

  /** A message that is whole is another thing: it may be stored already. */
  get #isUnfinished(): boolean {
    return this.#intake !== null && !(this.#mode === "asking" && this.#asked?.kind === "end");
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
      else if (this.#mode === "chunk") at = this.#readChunk(bytes, at);
      else break;
    }
    if (this.#mode !== "asking" || at === bytes.length) return;
    const behind = bytes.subarray(at);
    this.#rest = this.#rest.length === 0 ? behind : Buffer.concat([this.#rest, behind]);
  }

  #readCommand(bytes: Buffer, from: number): number {
    const { line, end } = this.#lines.read(bytes, from, this.#session.exchange !== null);
    if (line !== null) this.#command(line);
    return end;
  }

  #command(line: CommandLine): void {
    const result = step(this.#session, line, this.#policy);
    this.#session = result.session;
    if (result.kind === "ask") this.#ask(result.ask);
    else if (result.kind === "chunk") this.#startChunk(result.chunk);
    else {
      this.#abandon(result.dropped);
      this.#say(result.reply);
    }
  }

  #ask(ask: Ask): void {
    this.#events.push(ask);
    this.#asked = ask;
    this.#mode = "asking";
  }

  #begin(reply: Reply, isEarly: boolean): void {
    const { transaction } = this.#session;
    const isTaken = reply.next === "data";
    if (transaction !== null && isTaken) this.#intake = new Intake(transaction, this.#policy);
    if (transaction?.isChunked) this.#enterChunk(isTaken ? this.#chunk : { ...this.#chunk, refusal: reply });
    else {
      // The body before 354: one who cannot wait cannot know whether it is taken (RFC 2920 §3.1).
      const said = isEarly ? replies.outOfSync : reply;
      if (said.next !== "data") this.#session = withTransaction(this.#session, { refusal: said });
      this.#say(said);
    }
  }

  #readData(bytes: Buffer, from: number): number {
    const intake = this.#intake;
    if (intake === null) return bytes.length;
    const { end, isEnd, events } = intake.read(bytes, from);
    this.#events.push(...events);
    if (isEnd) this.#endMessage(intake);
    return end;
  }

  #startChunk(chunk: Chunk): void {
    this.#chunk = chunk;
    this.#chunkLeft = chunk.sizeBytes;
    if (chunk.refusal === null && chunk.begin !== null) this.#ask(chunk.begin);
    else this.#enterChunk(chunk);
  }

  #enterChunk(chunk: Chunk): void {
    this.#chunk = chunk;
    this.#mode = "chunk";
    if (this.#chunkLeft === 0) this.#endChunk(chunk);
  }

  #readChunk(bytes: Buffer, from: number): number {
    const octets = bytes.subarray(from, from + this.#chunkLeft);
    this.#chunkLeft -= octets.length;
    if (this.#chunk.refusal === null) this.#events.push(...(this.#intake?.read(octets, 0).events ?? []));
    if (this.#chunkLeft === 0) this.#endChunk(this.#chunk);
    return from + octets.length;
  }

  #endChunk({ isLast, refusal: before }: Chunk): void {
    const intake = this.#intake;
    const refusal = before ?? intake?.refusal ?? null;
    if (refusal !== null) {
      this.#refuse(refusal, isLast);
      this.#session = { ...this.#session, failedChunk: isLast ? null : refusal };
    } else if (isLast && intake !== null) {
      intake.finish();
      this.#endMessage(intake);
    } else this.#say(replies.ok);
  }

  #endMessage({ refusal, findings }: Intake): void {
    if (refusal === null) this.#ask({ kind: "end", findings });
    else this.#refuse(refusal, true);
  }

  #refuse(reply: Reply, isWhole: boolean): void {
    const { transaction } = this.#session;
    this.#drop(transaction, reply);
    this.#end(reply, isWhole ? transaction : null);
  }

  /** In LMTP each recipient of a whole message has a reply of its own (RFC 2033 §4.2); they all say the same. */
  #end(reply: Reply, whole: Transaction | null): void {
    const failures = reply.code < 300 ? 0 : this.#session.failures;
    this.#session = { ...this.#session, transaction: null, failures };
    this.#intake = null;
    this.#say(reply);
    const more = this.#policy.protocol === "lmtp" ? (whole?.rcptTo.slice(1) ?? []) : [];
    if (this.#mode === "command") this.#events.push(...more.map(() => ({ kind: "reply" as const, reply })));
  }

  /** Every reply goes through here, and so does what follows from it. */
  #say(reply: Reply): void {
    const { session, said } = countFailure(this.#session, reply, this.#policy);
    this.#session = session;
    this.#events.push({ kind: "reply", reply: said });
    this.#mode = said.next === "close" || said.next === "tls" ? "closed" : said.next;
    if (this.#mode === "closed") this.#abandon(this.#session.transaction);
    if (said.next === "close") this.#events.push({ kind: "close" });
  }

  /** A transaction that met no refusal was given up by the client, and is nobody's news. */
  #abandon(transaction: Transaction | null): void {
    this.#drop(transaction, transaction?.refusal ?? null);
  }

  #drop(transaction: Transaction | null, why: Reply | "lost" | null): void {
    if (transaction === null) return;
    const sizeBytes = this.#intake?.findings.sizeBytes ?? 0;
    const reply = why === "lost" ? null : why;
    if (why !== null) this.#events.push(refusedEvent(this.#session, transaction, { sizeBytes, reply }));
    this.#events.push(...(this.#intake?.discard() ?? []));
    this.#intake = null;
    this.#session = { ...this.#session, transaction: null };
  }
}
