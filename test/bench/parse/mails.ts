/** The mails of the benchmark: what people and programs send, in sizes. */
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

/** Of which text is to be made. */
function htmlAlone(sizeBytes: number): Buffer {
  const html = repeat("<blockquote><p>The quick <b>brown</b> fox</p></blockquote>\r\n", sizeBytes);
  return Buffer.from(`${header}Content-Type: text/html; charset=utf-8\r\n\r\n${html}`);
}

function attachment(sizeBytes: number): Buffer {
  const base64 = repeat(`${"QUJD".repeat(19)}\r\n`, (sizeBytes / 57) * 78);
  return Buffer.from(
    `${header}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee the file.\r\n--b\r\n` +
      `Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}--b--\r\n`,
  );
}

interface BenchMail {
  readonly name: string;
  readonly mail: () => Buffer;
  /** Parsed in one process, after as many to warm up; of a large one its first is what counts. */
  readonly count: number;
}

export const benchMails: readonly BenchMail[] = [
  { name: "4 KB text and HTML", mail: () => textAndHtml(4 * 1024), count: 1000 },
  { name: "32 KB text and HTML", mail: () => textAndHtml(32 * 1024), count: 500 },
  { name: "1 MB HTML alone", mail: () => htmlAlone(1_000_000), count: 5 },
  { name: "10 MB attachment", mail: () => attachment(10_000_000), count: 5 },
  { name: "50 MB attachment", mail: () => attachment(50_000_000), count: 1 },
];
