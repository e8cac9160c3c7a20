import { limits } from "../../mail/limits.ts";
import { OctetScan } from "../../mail/octet-scan.ts";
import { OctetRuns } from "./octet-runs.ts";

const cr = 0x0d;
const lf = 0x0a;
const crlfOctets = 2;
const { textLineMaxOctets } = limits;
const lowerCase = 0x20;
const received = Buffer.from("received:");

/** The octet that marks a line in DATA; in chunks none does. */
const marks = { data: 0x2e, chunks: -1 } as const;

type State = "line-start" | "dot" | "dot-cr" | "text" | "cr" | "end";

/** What came of one chunk: message octets, how far it was read, and whether the end of data stands there. */
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
 * One pass, O(1) an octet whatever they are.
 */
export class DataDecoder {
  readonly #dot: number;
  #state: State = "line-start";
  #isHeader = true;
  /** Octets of "received:" found at the start of this line; -1 once it is another. */
  #matched = 0;
  #lineOctets = 0;
  #sizeBytes = 0;
  #bareNewlines = false;
  #longLines = false;
  #hops = 0;

  constructor(framing: keyof typeof marks) {
    this.#dot = marks[framing];
  }

  get findings(): Findings {
    return {
      sizeBytes: this.#sizeBytes,
      bareNewlines: this.#bareNewlines,
      longLines: this.#longLines,
      hops: this.#hops,
    };
  }

  decode(bytes: Buffer, from: number): Decoded {
    const runs = new OctetRuns(bytes, from);
    const scan = new OctetScan(bytes);
    let at = from;
    while (at < bytes.length && this.#state !== "end") {
      at =
        this.#state === "text" ? this.#readText(bytes, at, { runs, scan }) : this.#readEdge(bytes, at, runs);
    }
    const octets = runs.finish(at);
    this.#sizeBytes += octets.length;
    return { octets, end: at, isEnd: this.#state === "end" };
  }

  /** The chunks are over: what they leave open is no line that still might end. */
  finish(): void {
    if (this.#state === "cr") this.#bareNewlines = true;
    if (this.#state !== "line-start" && this.#lineOctets > textLineMaxOctets) this.#longLines = true;
  }

  /** One octet where a line starts or may end. A dot that starts a line is never part of the message. */
  #readEdge(bytes: Buffer, at: number, runs: OctetRuns): number {
    const octet = bytes[at];
    switch (this.#state) {
      case "line-start":
        if (octet !== this.#dot) return this.#startText(at);
        runs.drop(at);
        this.#state = "dot";
        return at + 1;
      case "dot":
        if (octet !== cr) return this.#startText(at);
        runs.drop(at);
        this.#state = "dot-cr";
        return at + 1;
      case "dot-cr":
        if (octet === lf) {
          runs.drop(at);
          this.#state = "end";
          return at + 1;
        }
        runs.insertCr(at);
        this.#lineOctets = 1;
        this.#matched = -1;
        this.#bareNewlines = true;
        this.#state = "text";
        return at;
      default:
        if (octet === lf) return this.#endLine(at + 1, this.#lineOctets + 1);
        this.#bareNewlines = true;
        this.#state = "text";
        return at;
    }
  }

  #startText(at: number): number {
    this.#state = "text";
    this.#lineOctets = 0;
    this.#matched = this.#isHeader ? 0 : -1;
    return at;
  }

  #endLine(at: number, octets: number): number {
    if (octets > textLineMaxOctets) this.#longLines = true;
    if (octets === crlfOctets) this.#isHeader = false;
    this.#state = "line-start";
    return at;
  }

  /** Lines, until one needs more than a look at its end: the header's, those that start with a dot, a chunk's last. */
  #readText(bytes: Buffer, from: number, { runs, scan }: { runs: OctetRuns; scan: OctetScan }): number {
    const { length } = bytes;
    const isHeader = this.#isHeader;
    const dot = this.#dot;
    let lineStart = from - this.#lineOctets;
    let at = this.#matched < 0 ? from : this.#readName(bytes, from);
    for (;;) {
      at = scan.next(at);
      if (at === length) break;
      const octet = bytes[at++];
      if (octet === cr && at === length) {
        this.#state = "cr";
        break;
      }
      if (octet === cr && bytes[at] === lf) {
        at++;
        const isDot = at < length && bytes[at] === dot;
        if (isHeader || at === length || (isDot && (at + 1 === length || bytes[at + 1] === cr))) {
          return this.#endLine(at, at - lineStart);
        }
        if (at - lineStart > textLineMaxOctets) this.#longLines = true;
        if (isDot) runs.drop(at++);
        lineStart = at;
      } else if (octet === cr || octet === lf || octet === 0) this.#bareNewlines = true;
    }
    this.#lineOctets = at - lineStart;
    return at;
  }

  /** Counts a Received field, whose name may be cut by the end of the chunk. */
  #readName(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length && ((bytes[at] ?? 0) | lowerCase) === received[this.#matched]) {
      at++;
      this.#matched++;
    }
    if (this.#matched === received.length) this.#hops++;
    if (this.#matched === received.length || at < bytes.length) this.#matched = -1;
    return at;
  }
}
