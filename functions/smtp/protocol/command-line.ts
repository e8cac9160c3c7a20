import { commandLineMaxOctets, mailLineGrowthOctets, responseLineMaxOctets } from "./limits.ts";
import { LineDecoder } from "./line-decoder.ts";

/** A line that a client sent where a command, or a response to AUTH, is due. */
export interface CommandLine {
  /** Null where it has control characters, or is not UTF-8. White space at the end is let pass. */
  readonly text: string | null;
  /** In upper case, whatever else the line holds; empty for none. */
  readonly verb: string;
  /** Its CRLF counted; infinite for a line that was too long to keep. */
  readonly octets: number;
}

/** Cuts what a client sends into lines. A response to AUTH may be longer than any command. */
export class CommandReader {
  readonly #commands = new LineDecoder(commandLineMaxOctets + mailLineGrowthOctets);
  readonly #responses = new LineDecoder(responseLineMaxOctets);

  /** Null where the line is not whole. */
  read(bytes: Buffer, from: number, isResponse: boolean): { line: CommandLine | null; end: number } {
    const line = (isResponse ? this.#responses : this.#commands).decode(bytes, from);
    if (line.kind === "partial") return { line: null, end: bytes.length };
    return { line: line.kind === "overlong" ? overlongLine : parseCommandLine(line.octets), end: line.end };
  }
}

const overlongLine: CommandLine = { text: null, verb: "", octets: Number.POSITIVE_INFINITY };

/** From a line without its CRLF. */
function parseCommandLine(octets: Buffer): CommandLine {
  const text = octets.toString("latin1");
  const verb = /^[A-Za-z]*/.exec(text)?.[0].toUpperCase() ?? "";
  const isPlain = /^[ -~]*$/.test(text);
  return { text: isPlain ? text.trimEnd() : decodeText(octets), verb, octets: octets.length + "\r\n".length };
}

function decodeText(octets: Buffer): string | null {
  try {
    const decoded = utf8.decode(octets).replace(/[ \t]+$/, "");
    return /\p{Cc}/u.test(decoded) ? null : decoded;
  } catch {
    return null;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
