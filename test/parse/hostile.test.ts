import assert from "node:assert/strict";
import { test } from "node:test";
import { ParsedMessage } from "../../functions/mail/messages.ts";
import { parseLimits } from "../../functions/parse/parse-limits.ts";
import { hostileMails } from "./hostile/mails.ts";
import { mail, multipart, sizeOf } from "./hostile/pieces.ts";
import { parseData } from "./parse-data.ts";

/** The larger ones, and what each costs, are test/suites/hostile.ts's. */
const sizeMaxBytes = 300_000;

for (const [sentence, pieces, isParsed, codes] of hostileMails) {
  if (sizeOf(pieces()) > sizeMaxBytes) continue;
  test(`${sentence} ${isParsed ? "is read" : "goes on unread"}`, async () => {
    const message = ParsedMessage.parse(await parseData(Buffer.concat([...pieces()])));
    assert.deepEqual([...new Set(message.warnings.map(({ code }) => code))].sort(), codes);
    assert.equal(message.isParsed, isParsed);
  });
}

test("what stands before a bound is kept, but for the part it cuts", async () => {
  const whole = "Content-Type: application/pdf; name=a.pdf\r\n\r\npdf\r\n";
  const cut = `Content-Type: application/pdf; name=b.pdf\r\n\r\n${"b\n".repeat(parseLimits.bodyLinesMax)}`;
  const pieces = mail("Subject: Kept\r\n", multipart("b"), `--b\r\n\r\ntext\r\n--b\r\n${whole}--b\r\n${cut}`);
  const message = await parseData(Buffer.concat([...pieces]));
  assert.equal(message.isParsed, false);
  assert.equal(message.message.subject, "Kept");
  assert.equal(message.message.text, "text");
  assert.deepEqual(
    message.attachments.map(({ filename }) => filename),
    ["a.pdf"],
  );
});
