/**
 * `node test/bench/parse.ts [rounds]`: one message through stage parse, beside mailparser's simpleParser with its
 * defaults, in turn, in one process; medians of wall time. The store is memory on both sides: what is measured is CPU.
 */
import { simpleParser } from "mailparser";
import { parse } from "../../functions/parse/parse.ts";
import { storeRaw } from "../parse/parse-data.ts";
import { createMemoryStore } from "../support/memory-store.ts";

const rounds = Number(process.argv[2] ?? 31);
const warmUpRounds = 20;

const header =
  "From: Ada Lovelace <ada@client.test>\r\nTo: desk@mx.test\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n" +
  "Date: Fri, 02 Jan 2026 03:04:05 +0100\r\nMessage-ID: <m1@client.test>\r\nMIME-Version: 1.0\r\n";

const repeat = (line: string, sizeBytes: number) => line.repeat(Math.ceil(sizeBytes / line.length));

/** Half text, half HTML. */
function textAndHtml(sizeBytes: number): Buffer {
  const text = repeat("The quick brown fox jumps over the lazy dog, and so on.\r\n", sizeBytes / 2);
  const html = repeat(
    '<div class="row"><p>The quick <b>brown</b> <a href="https://x.test/">fox</a></p></div>\r\n',
    sizeBytes / 2,
  );
  return Buffer.from(
    `${header}Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n` +
      `${text}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${html}\r\n--b--\r\n`,
  );
}

/** What simpleParser then makes text of. */
function htmlAlone(sizeBytes: number): Buffer {
  const html = repeat("<blockquote><p>The quick <b>brown</b> fox</p></blockquote>\r\n", sizeBytes);
  return Buffer.from(`${header}Content-Type: text/html; charset=utf-8\r\n\r\n${html}`);
}

function attachment(sizeBytes: number): Buffer {
  const base64 = repeat(`${"QUJD".repeat(19)}\r\n`, (sizeBytes / 3) * 4);
  return Buffer.from(
    `${header}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the file.\r\n--b\r\n` +
      `Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}--b--\r\n`,
  );
}

const mails: [name: string, mail: Buffer][] = [
  ["4 KB text and HTML", textAndHtml(4 * 1024)],
  ["32 KB text and HTML", textAndHtml(32 * 1024)],
  ["32 KB HTML alone", htmlAlone(32 * 1024)],
  ["10 MB attachment", attachment(10 * 1024 * 1024)],
];

const store = createMemoryStore();

async function runStage(key: string): Promise<void> {
  const object = await store.get(key);
  if (object !== null) await parse(key, object, { store });
}

for (const [mailName, mail] of mails) {
  const key = await storeRaw(mail, store);
  const contenders: [name: string, run: () => Promise<unknown>][] = [
    ["stage parse", () => runStage(key)],
    ["simpleParser", () => simpleParser(mail)],
  ];
  const times = contenders.map((): number[] => []);
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const [index, [, run]] of contenders.entries()) {
      const startedMs = performance.now();
      await run();
      if (round >= 0) times[index]?.push(performance.now() - startedMs);
    }
  }
  const [own = 0, other = 0] = times.map(median);
  const shown = contenders.map(([name], index) => `${name} ${median(times[index] ?? []).toFixed(2)} ms`);
  console.log(`${mailName}: ${shown.join(", ")}; ${(other / own).toFixed(1)} times as fast`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
