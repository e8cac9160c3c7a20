import { limits } from "../../mail/limits.ts";
import { dataScan } from "./data-scan.ts";

/** The types of TypeScript's library for browsers are not these programs'. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => {
    readonly exports: { readonly memory: { readonly buffer: ArrayBuffer }; scan(octets: number): void };
  };
};

const { memory, scan } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(dataScan, "base64")))
  .exports;

/** Words of memory, as data-scan.wat has them. */
const word = {
  cr: 0,
  crlf: 2,
  lineOctets: 8,
  hops: 9,
  isBare: 10,
  isLong: 11,
  isChunked: 13,
  lineMaxOctets: 14,
  read: 15,
  isEnd: 16,
  octets: 17,
  whole: 18,
} as const;

const stateWords = 32;
const segmentAt = 128;
const messageAt = 0x20000;
const segmentMaxOctets = 64 * 1024;
const state = new Int32Array(memory.buffer, 0, stateWords);
const segment = new Uint8Array(memory.buffer, segmentAt, segmentMaxOctets);
const message = new Uint8Array(memory.buffer, messageAt);

/** In the low half of a mask: the octet that came last. */
const lastOctet = 1 << 31;

/** What came of one segment, or of its beginning: message octets, how far it was read, whether the end of data stands there. */
export interface Decoded {
  readonly octets: Buffer;
  readonly end: number;
  readonly isEnd: boolean;
}

/** What a message turned out to be. */
export interface Findings {
  /** Dot-stuffing undone (RFC 1870 §5). */
  readonly sizeBytes: number;
  readonly bareNewlines: boolean;
  readonly longLines: boolean;
  /** Received fields in its header. */
  readonly hops: number;
}

/**
 * Decodes DATA: ends at CRLF.CRLF alone and undoes dot-stuffing (RFC 5321 §4.5.2) behind a CRLF alone, so that no
 * other line end can smuggle a second message in. Chunks (RFC 3030) end by their size, and are but looked through.
 * What reads the octets is data-scan.wat, at the same cost whatever they are: docs/decisions/0023.
 */
export class DataDecoder {
  readonly #state = new Int32Array(stateWords);
  #sizeBytes = 0;

  constructor(framing: "data" | "chunks") {
    // The CRLF of the DATA command counts as the first of CRLF.CRLF.
    this.#state[word.crlf] = lastOctet;
    this.#state[word.isChunked] = framing === "chunks" ? 1 : 0;
    this.#state[word.lineMaxOctets] = limits.textLineMaxOctets;
  }

  get findings(): Findings {
    return {
      sizeBytes: this.#sizeBytes,
      bareNewlines: this.#has(word.isBare),
      longLines: this.#has(word.isLong),
      hops: this.#state[word.hops] ?? 0,
    };
  }

  /** Reads up to 64 KiB. Where dots are taken from their midst, the message's octets are moved together within `bytes`. */
  decode(bytes: Buffer, from: number): Decoded {
    const to = Math.min(bytes.length, from + segmentMaxOctets);
    segment.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
    state.set(this.#state);
    scan(to - from);
    this.#state.set(state);
    const { [word.octets]: octets = 0, [word.whole]: whole = 0, [word.read]: read = 0 } = state;
    this.#sizeBytes += octets;
    return {
      octets:
        octets <= whole
          ? bytes.subarray(from, from + octets)
          : place(octets, bytes.subarray(from, from + read)),
      end: from + read,
      isEnd: this.#has(word.isEnd),
    };
  }

  /** The chunks are over: what they leave open is no line that still might end. */
  finish(): void {
    if (((this.#state[word.cr] ?? 0) & lastOctet) !== 0) this.#state[word.isBare] = 1;
    if ((this.#state[word.lineOctets] ?? 0) > limits.textLineMaxOctets) this.#state[word.isLong] = 1;
  }

  #has(flag: number): boolean {
    return this.#state[flag] !== 0;
  }
}

/** Puts the message's octets where those came from: new memory for them would cost more than all the rest. */
function place(octets: number, segment: Buffer): Buffer {
  const decoded = message.subarray(0, octets);
  // A CR that was kept back came with the segment before.
  if (octets > segment.length) return Buffer.from(decoded);
  segment.set(decoded);
  return segment.subarray(0, octets);
}
