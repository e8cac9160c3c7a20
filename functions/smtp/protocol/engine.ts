import { CommandReader } from "./command-line.ts";
import { Conversation } from "./conversation.ts";
import type { EngineEvent } from "./engine-event.ts";
import type { Intake } from "./intake.ts";
import { type Next, type Reply, replies } from "./reply.ts";
import type { Client, Policy, Session } from "./session.ts";
import type { Ask, Chunk } from "./step.ts";

type Mode = "greeting" | "command" | "data" | "chunk" | "asking" | "closed";

const empty = Buffer.alloc(0);
const noChunk: Chunk = { sizeBytes: 0, isLast: false, refusal: null, begin: null };

/**
 * One SMTP session without its socket: bytes and answers in, events out, the same events for every split of the
 * input. After STARTTLS it is spent: what was pipelined behind is never run (CVE-2011-0411), a new one goes on.
 */
export class Engine {
  readonly #lines = new CommandReader();
  readonly #talk: Conversation;
  #mode: Mode;
  #asked: Ask | null = null;
  /** What BDAT announced last, and how much of it is still to come. */
  #chunk = noChunk;
  #chunkLeft = 0;
  /** Came behind an ask that is not answered yet. */
  #rest: Buffer = empty;

  /** After STARTTLS it starts with a command: there is no second greeting (RFC 3207 §4.2). */
  constructor(client: Client, policy: Policy, start: "greeting" | "command" = "greeting") {
    this.#talk = new Conversation(client, policy);
    this.#mode = start;
  }

  /** A message is on its way or being stored: the session should not be ended now. */
  get isReceiving(): boolean {
    return this.#talk.intake !== null && this.#mode !== "closed";
  }

  get session(): Session {
    return this.#talk.session;
  }

  get policy(): Policy {
    return this.#talk.policy;
  }

  greet(): readonly EngineEvent[] {
    if (this.#mode === "greeting") this.#follow(this.#talk.greet());
    return this.#talk.take();
  }

  /** The bytes are the engine's from now on: what is read of DATA may be moved within them. */
  feed(bytes: Buffer): readonly EngineEvent[] {
    if (this.#mode === "greeting") this.#follow(this.#talk.say(replies.earlyTalker));
    return this.#run(bytes);
  }

  /** Answers what was asked last. */
  answer(reply: Reply): readonly EngineEvent[] {
    const asked = this.#asked;
    if (this.#mode !== "asking" || asked === null || asked.kind === "xclient") return [];
    if (asked.kind === "begin") this.#begin(reply);
    else if (asked.kind === "end") this.#follow(this.#talk.endMessage(reply));
    else if (asked.kind === "authenticate") this.#follow(this.#talk.admit(asked.user, reply));
    else this.#follow(this.#talk.say(reply));
    return this.#resume();
  }

  /** Answers XCLIENT: the session begins anew, for this client. */
  become(client: Client, policy: Policy): readonly EngineEvent[] {
    if (this.#mode !== "asking" || this.#asked?.kind !== "xclient") return [];
    this.#follow(this.#talk.become(client, policy));
    return this.#resume();
  }

  /** Ends the session from this side. */
  shutDown(reply: Reply): readonly EngineEvent[] {
    if (this.#isUnfinished) this.#talk.drop(this.session.transaction, reply);
    if (this.#mode !== "closed") this.#follow(this.#talk.say(reply));
    return this.#talk.take();
  }

  /** The connection is gone. */
  lost(): readonly EngineEvent[] {
    if (this.#isUnfinished) this.#talk.drop(this.session.transaction, "lost");
    else if (!this.isReceiving) this.#talk.abandon(this.session.transaction);
    this.#mode = "closed";
    return this.#talk.take();
  }

  /** A message that is whole is another thing: it may be stored already. */
  get #isUnfinished(): boolean {
    return this.#talk.intake !== null && !(this.#mode === "asking" && this.#asked?.kind === "end");
  }

  #follow(next: Next): void {
    this.#mode = next === "close" || next === "tls" ? "closed" : next;
  }

  #ask(ask: Ask): void {
    this.#talk.note([ask]);
    this.#asked = ask;
    this.#mode = "asking";
  }

  #resume(): readonly EngineEvent[] {
    const rest = this.#rest;
    this.#rest = empty;
    return this.#run(rest);
  }

  #run(bytes: Buffer): readonly EngineEvent[] {
    let at = 0;
    while (at < bytes.length) {
      if (this.#mode === "command") at = this.#readCommand(bytes, at);
      else if (this.#mode === "data") at = this.#readData(bytes, at);
      else if (this.#mode === "chunk") at = this.#readChunk(bytes, at);
      else break;
    }
    const behind = this.#mode === "asking" ? bytes.subarray(at) : empty;
    if (behind.length > 0)
      this.#rest = this.#rest.length === 0 ? behind : Buffer.concat([this.#rest, behind]);
    return this.#talk.take();
  }

  #readCommand(bytes: Buffer, from: number): number {
    const { line, end } = this.#lines.read(bytes, from, this.session.exchange !== null);
    const result = line === null ? null : this.#talk.step(line);
    if (result?.kind === "ask") this.#ask(result.ask);
    if (result?.kind === "chunk") this.#startChunk(result.chunk);
    if (result?.kind === "reply") {
      this.#talk.abandon(result.dropped);
      this.#follow(this.#talk.say(result.reply));
    }
    return end;
  }

  #begin(reply: Reply): void {
    const isTaken = reply.next === "data";
    const isChunked = this.session.transaction?.isChunked === true;
    if (isTaken) this.#talk.begin();
    // The body before 354: one who cannot wait cannot know whether it is taken (RFC 2920 §3.1).
    const said = this.#rest.length > 0 ? replies.outOfSync : reply;
    if (isChunked) this.#enterChunk(isTaken ? this.#chunk : { ...this.#chunk, refusal: reply });
    else this.#follow(said.next === "data" ? this.#talk.say(said) : this.#talk.decline(said));
  }

  #readData(bytes: Buffer, from: number): number {
    const { intake } = this.#talk;
    if (intake === null) return bytes.length;
    const { end, isEnd, events } = intake.read(bytes, from);
    this.#talk.note(events);
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
    const intake = this.#chunk.refusal === null ? this.#talk.intake : null;
    const { end, events } = intake?.read(octets, 0) ?? { end: octets.length, events: [] };
    this.#talk.note(events);
    this.#chunkLeft -= end;
    if (this.#chunkLeft === 0) this.#endChunk(this.#chunk);
    return from + end;
  }

  #endChunk({ isLast, refusal: before }: Chunk): void {
    const { intake } = this.#talk;
    const refusal = before ?? intake?.refusal ?? null;
    if (refusal !== null) this.#follow(this.#talk.refuseChunk(refusal, isLast));
    else if (isLast && intake !== null) {
      intake.finish();
      this.#endMessage(intake);
    } else this.#follow(this.#talk.say(replies.ok));
  }

  #endMessage({ refusal, findings }: Intake): void {
    if (refusal === null) this.#ask({ kind: "end", findings });
    else this.#follow(this.#talk.refuseMessage(refusal));
  }
}
