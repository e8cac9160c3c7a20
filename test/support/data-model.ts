import type { Findings } from "../../functions/smtp/protocol/data-decoder.ts";

const crlfDotCrlf = "\r\n.\r\n";

/** DATA as RFC 5321 §4.1.1.4 and §4.5.2 say it, in the slow and obvious way: the model of the decoder. */
export function decodeSlowly(input: Buffer) {
  // The CRLF of the DATA command counts as the first of CRLF.CRLF.
  const text = `\r\n${input.toString("latin1")}`;
  const at = text.indexOf(crlfDotCrlf);
  const isEnd = at >= 0;
  const sent = isEnd ? text.slice(0, at + 2) : text;
  const octets = withoutDots(isEnd ? sent : withoutOpenEnd(sent)).slice(2);
  return {
    octets,
    findings: find(octets),
    consumed: isEnd ? at + crlfDotCrlf.length - 2 : input.length,
    isEnd,
  };
}

/** Chunks: nothing ends them but their size, and what they leave open is bare. */
export const lookThroughSlowly = (octets: string): Findings => ({
  ...find(octets),
  bareNewlines: /\r(?!\n)|(?<!\r)\n|\0/.test(octets),
  longLines: octets
    .split("\r\n")
    .some((line, index, lines) => line.length + (index === lines.length - 1 ? 0 : 2) > 1000),
});

/** What may still become the end of data is not known to be the message's. */
const withoutOpenEnd = (text: string) => text.replace(/(\r\n)\.\r$/, "$1");

const withoutDots = (text: string) => text.replaceAll(/\r\n\./g, "\r\n");

function find(octets: string): Findings {
  const lines = octets.split("\r\n");
  const whole = lines.slice(0, -1);
  const blank = whole.indexOf("");
  const header = blank < 0 ? lines : lines.slice(0, blank);
  return {
    sizeBytes: octets.length,
    // A CR at the very end may still be half of a CRLF.
    bareNewlines: /\r(?!\n|$)|(?<!\r)\n|\0/.test(octets),
    longLines: whole.some((line) => line.length + 2 > 1000),
    hops: header.filter((line) => /^received:/i.test(line)).length,
  };
}
