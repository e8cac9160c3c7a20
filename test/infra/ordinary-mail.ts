const attachedFromBytes = 65_536;
const line = `${"word ".repeat(15)}\r\n`;

/** A mail as most are: a quarter of it text, the rest HTML; and where that would be too much to read, an attachment. */
export function ordinaryMail(sizeBytes: number): Buffer {
  const readBytes = sizeBytes < attachedFromBytes ? sizeBytes : attachedFromBytes / 4;
  const text = `--a\r\nContent-Type: text/plain\r\n\r\n${line.repeat(readBytes / 4 / line.length)}`;
  const html = `--a\r\nContent-Type: text/html\r\n\r\n<p>\r\n${line.repeat((readBytes * 3) / 4 / line.length)}`;
  const body = `Content-Type: multipart/alternative; boundary=a\r\n\r\n${text}${html}\r\n--a--\r\n`;
  const header = "From: a@client.test\r\nSubject: Hello\r\n";
  if (sizeBytes < attachedFromBytes) return Buffer.from(header + body);
  const attachment = "--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment\r\n\r\n";
  const start = `${header}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${body}${attachment}`;
  return Buffer.from(`${start.padEnd(sizeBytes, line)}\r\n--b--\r\n`);
}
