import { DataDecoder, type Findings } from "./data-decoder.ts";
import { type Reply, replies } from "./reply.ts";
import type { Policy, Transaction } from "./session.ts";

export type IntakeEvent =
  /** Octets of the message that began. */
  | { readonly kind: "message"; readonly octets: Buffer }
  /** The message that began will be refused at its end: nothing of it need be kept. */
  | { readonly kind: "discard" };

/** A message that has begun: what comes of it, and whether it may be taken. */
export class Intake {
  readonly #policy: Policy;
  readonly #isBinary: boolean;
  readonly #decoder: DataDecoder;
  #isDiscarding = false;

  constructor({ isChunked, bodyType }: Transaction, policy: Policy) {
    this.#policy = policy;
    // Its octets are no lines, and no newline in it is bare (RFC 3030 §3).
    this.#isBinary = bodyType === "BINARYMIME";
    this.#decoder = new DataDecoder(isChunked ? "chunks" : "data");
  }

  get findings(): Findings {
    return this.#decoder.findings;
  }

  /** Null while the message may be taken. */
  get refusal(): Reply | null {
    const { limits, bareNewlines: policy } = this.#policy;
    const { sizeBytes, bareNewlines, hops } = this.#decoder.findings;
    if (sizeBytes > limits.messageMaxSizeBytes) return replies.tooLarge;
    if (bareNewlines && policy === "reject" && !this.#isBinary) return replies.bareNewline;
    return hops >= limits.hopsMax ? replies.loop : null;
  }

  /** Gives where it stopped, whether the end of data stands there, and what comes of it. */
  read(bytes: Buffer, from: number) {
    const { octets, end, isEnd } = this.#decoder.decode(bytes, from);
    return { end, isEnd, events: this.refusal === null ? this.#keep(octets) : this.discard() };
  }

  /** The last chunk is read. */
  finish(): void {
    this.#decoder.finish();
  }

  /** Said once. */
  discard(): readonly IntakeEvent[] {
    if (this.#isDiscarding) return [];
    this.#isDiscarding = true;
    return [{ kind: "discard" }];
  }

  #keep(octets: Buffer): readonly IntakeEvent[] {
    return octets.length === 0 ? [] : [{ kind: "message", octets }];
  }
}
