/** Stage smtp's end: one message into the store, in memory that is bounded, and the answer that says so. */
import { abandonedMetadata, encodeEnvelopeBlock, envelopeBytesMetadata } from "../mail/envelope-block.ts";
import { describeError } from "../mail/errors.ts";
import { createId, type RandomBytes } from "../mail/id.ts";
import { rawKey } from "../mail/keys.ts";
import type { Envelope } from "../mail/messages.ts";
import type { Clock, Log, ObjectStore } from "../mail/ports.ts";
import type { StageEvent } from "../mail/stage-event.ts";
import type { Greeting } from "../mail/trace.ts";
import { ChunkList } from "./chunk-list.ts";
import { messageDetail, smtpEvent } from "./events.ts";
import type { ServerLimits } from "./limits.ts";
import type { Holder, MemoryBudget } from "./memory-budget.ts";
import type { Findings } from "./protocol/data-decoder.ts";
import { type Reply, replies, stored } from "./protocol/reply.ts";

export interface Incoming {
  readonly hostname: string;
  readonly envelope: Envelope;
  readonly greeting: Greeting;
  readonly refusedRecipients: number;
  /** Called when the message that had to wait may go on. */
  readonly proceed: () => void;
}

export interface ReceiveDeps {
  readonly store: ObjectStore;
  readonly budget: MemoryBudget;
  readonly limits: ServerLimits;
  readonly log: Log;
  readonly now: Clock;
  readonly randomBytes: RandomBytes;
}

/** Begins a message; null when there is no memory for one. */
export function receive(incoming: Incoming, deps: ReceiveDeps): Reception | null {
  return deps.budget.isFull ? null : new Reception(incoming, deps);
}

/** One message on its way into the store: the octets of DATA come by `write`, then `finish` or `abort`. */
export class Reception implements Holder {
  readonly id: string;
  readonly #incoming: Incoming;
  readonly #deps: ReceiveDeps;
  readonly startedMs: number;
  readonly #chunks = new ChunkList();
  #receivedBytes = 0;
  /** In `#chunks`, not yet taken by the store. */
  #queuedBytes = 0;
  #hasRoom = true;
  #state: "open" | "whole" | "aborted" = "open";
  /** Once the message is a stream. */
  #streamed: Promise<void> | null = null;
  #wake: () => void = () => undefined;
  #deadlineMs = Number.POSITIVE_INFINITY;
  #giveUp: () => void = () => undefined;

  constructor(incoming: Incoming, deps: ReceiveDeps) {
    this.#incoming = incoming;
    this.#deps = deps;
    this.startedMs = deps.now();
    this.id = createId(this.startedMs, deps.randomBytes);
  }

  /** False when the client must wait until {@link Incoming.proceed}. */
  write(octets: Buffer): boolean {
    if (this.#state !== "open") return true;
    const { budget, limits } = this.#deps;
    const heldBytes = Math.min(this.#receivedBytes, limits.streamHeldMaxBytes);
    this.#receivedBytes += octets.length;
    this.#queuedBytes += octets.length;
    this.#chunks.push(octets);
    if (this.#streamed === null && this.#receivedBytes > limits.singlePutMaxBytes) this.#stream();
    this.#wake();
    const grownBytes = Math.min(this.#receivedBytes, limits.streamHeldMaxBytes) - heldBytes;
    this.#hasRoom = grownBytes === 0 || budget.take(this, grownBytes);
    return this.#hasRoom && (this.#streamed === null || this.#queuedBytes <= limits.streamBehindMaxBytes);
  }

  /** The budget has room again. */
  proceed(): void {
    this.#hasRoom = true;
    this.#incoming.proceed();
  }

  /** Stores the message. The answer is 250 only when the store has it, and 451 when it cannot tell in time. */
  async finish(findings: Findings): Promise<Reply> {
    const { log } = this.#deps;
    try {
      await this.#keep(findings);
      const reply = stored(this.id);
      log(this.#event("accepted", messageDetail(findings, reply)));
      return reply;
    } catch (error) {
      this.abort();
      const reply = replies.storeFailed;
      log(this.#event("again", { ...messageDetail(findings, reply), reason: describeError(error) }));
      return reply;
    } finally {
      this.#deps.budget.release(this);
    }
  }

  /** Forgets the message: a stream fails, so that the store keeps nothing of it. */
  abort(): void {
    this.#state = "aborted";
    this.#chunks.take();
    this.#wake();
    this.#deps.budget.release(this);
  }

  /** Called every second: a client must not wait for a store that is late. */
  tick(nowMs: number): void {
    if (nowMs >= this.#deadlineMs) this.#giveUp();
  }

  /**
   * Resolves when the store has the message. One that is late is given up by a mark in its place: only the first to have the
   * key is stored, so either the mark finds the message there, or the message that comes later finds the mark.
   */
  async #keep(findings: Findings): Promise<void> {
    const { store, limits } = this.#deps;
    if ((await this.#within(limits.storeDeadlineMs, this.#store(findings))) !== "late") return;
    const options = { metadata: { [abandonedMetadata]: "late" }, ifAbsent: true };
    const marked = await this.#within(limits.abandonDeadlineMs, store.put(rawKey(this.id), [], options));
    if (marked !== "exists") throw new Error("the store took too long");
  }

  #within<Result>(ms: number, asked: Promise<Result>): Promise<Result | "late"> {
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    this.#deadlineMs = this.#deps.now() + ms;
    this.#giveUp = () => resolve("late");
    return Promise.race([asked, late]);
  }

  async #store(findings: Findings): Promise<void> {
    const { store } = this.#deps;
    if (this.#state === "open") this.#state = "whole";
    if (this.#streamed !== null) {
      this.#wake();
      await this.#streamed;
    } else {
      const block = this.#block(findings);
      await store.put(rawKey(this.id), [block, ...this.#chunks.take()], attributesOf(block));
    }
  }

  /** From here on the store takes the octets as they come. */
  #stream(): void {
    // What the message holds is not known yet: stage parse, which reads all of it, says so.
    const block = this.#block({ bareNewlines: false, longLines: false });
    const options = attributesOf(block);
    this.#streamed = this.#deps.store.putStream(rawKey(this.id), this.#drain(block), options);
    // Told at the end of data; what comes until then is let go.
    this.#streamed.catch(() => {
      this.abort();
      this.#incoming.proceed();
    });
  }

  async *#drain(block: Buffer): AsyncGenerator<Buffer> {
    yield block;
    for (;;) {
      const chunks = this.#chunks.take();
      this.#queuedBytes = 0;
      if (this.#hasRoom) this.#incoming.proceed();
      for (const chunk of chunks) {
        if (this.#isAborted()) break;
        yield chunk;
      }
      if (this.#isAborted()) throw new Error("the transaction ended before the message");
      if (this.#queuedBytes > 0) continue;
      if (this.#state === "whole") return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #isAborted(): boolean {
    return this.#state === "aborted";
  }

  #block({ bareNewlines, longLines }: Pick<Findings, "bareNewlines" | "longLines">): Buffer {
    const { hostname, greeting, envelope } = this.#incoming;
    const receivedAt = new Date(this.startedMs).toISOString();
    return encodeEnvelopeBlock({
      id: this.id,
      receivedAt,
      hostname,
      greeting,
      envelope: { ...envelope, bareNewlines, longLines },
    });
  }

  #event(outcome: "accepted" | "again", detail: StageEvent["detail"]): StageEvent {
    const { envelope, refusedRecipients } = this.#incoming;
    const [id, startedMs, nowMs] = [this.id, this.startedMs, this.#deps.now()];
    return smtpEvent({ id, outcome, envelope, refusedRecipients, startedMs, nowMs, detail });
  }
}

/** The id is random: what exists under it is this message, put by a try whose answer was lost, or its mark. */
const attributesOf = (block: Buffer) => ({
  ifAbsent: true,
  contentType: "message/rfc822",
  metadata: { [envelopeBytesMetadata]: String(block.length) },
});
