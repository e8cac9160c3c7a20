import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { htmlToText } from "../../functions/parse/html-text.ts";
import { parseReply } from "../../functions/parse/reply.ts";
import { cutPieces } from "../../functions/parse/reply-pieces.ts";
import { parseData } from "./parse-data.ts";

const header = "Ada <ada@client.test>";

/** Each is what a program puts below a reply: all of it is the quote. */
const quotes: [sentence: string, quote: string][] = [
  ["marked lines", "> Hello\n> there"],
  ["an attribution and marked lines", `On 2 Jan 2026, at 03:04, ${header} wrote:\n\n> Hello`],
  ["an attribution that is broken", "On 2 Jan 2026, at 03:04, Ada <\nada@client.test> wrote:\n\n> Hello"],
  [
    "one whose closing bracket looks like a mark",
    "tir. 2. jan. 2026 kl. 03:04 skrev Ada <ada@client.test\n>:\n\n> Hello",
  ],
  ["one without quote marks below", `On Fri, Jan 2, 2026 at 3:04 AM ${header} wrote:\n\nHello`],
  ["one between dashes", "---- On Fri, 02 Jan 2026 03:04:05 +0100 ada@client.test wrote ----\n\n> Hello"],
  ["German", `Am Fr., 2. Jan. 2026 um 03:04 Uhr schrieb ${header}:\n\n> Hallo`],
  ["French", `Le ven. 2 janv. 2026 à 03:04, ${header} a écrit :\n\nBonjour`],
  ["Spanish", `El vie, 2 ene 2026 a las 3:04, ${header} escribió:\n\n> Hola`],
  ["Portuguese", `Em sex., 2 de jan. de 2026 às 03:04, ${header} escreveu:\n\n> Olá`],
  ["Italian", `Il giorno ven 2 gen 2026 alle ore 03:04 ${header} ha scritto:\n\n> Ciao`],
  ["Dutch", `Op vr 2 jan 2026 om 03:04 schreef ${header}:\n\n> Hallo`],
  ["Swedish", `Den fre 2 jan. 2026 kl 03:04 skrev ${header}:\n\n> Hej`],
  ["Polish", `pt., 2 sty 2026 o 03:04 ${header} napisał(a):\n\n> Cześć`],
  ["Russian", `пт, 2 янв. 2026 г. в 03:04, ${header}:\n\n> Привет`],
  ["Japanese", `2026年1月2日(金) 3:04 ${header}:\n\n> こんにちは`],
  ["Chinese", `在 2026年1月2日，03:04，${header} 写道：\n\n> 你好`],
  ["Korean", `2026년 1월 2일 (금) 오전 3:04, ${header}님이 작성:\n\n> 안녕`],
  [
    "Outlook's header",
    `From: ${header}\nSent: Friday, January 2, 2026 3:04 AM\nTo: Bo\nSubject: Hi\n\nHello`,
  ],
  [
    "below a rule",
    `________________________________\nVon: ${header}\nGesendet: Freitag, 2. Januar 2026\nAn: Bo\nBetreff: Hi\n\nHallo`,
  ],
  [
    "its labels set off",
    `*De :* ${header}\n*Envoyé :* vendredi 2 janvier 2026\n*À :* Bo\n*Objet :* Hi\n\nBonjour`,
  ],
  ["an original message", "-----Ursprüngliche Nachricht-----\nHallo"],
  ["a forwarded one", `---------- Forwarded message ---------\nFrom: ${header}\n\nHello`],
  ["Apple's", `Begin forwarded message:\n\nFrom: ${header}\n\nHello`],
  ["lines that a program broke", `> ${"word".repeat(15)}\nword\n> Hello`],
  ["paragraphs apart", "> Hello\n\n> there"],
];
for (const [sentence, quote] of quotes) {
  test(`quoted: ${sentence}`, () => {
    assert.deepEqual(parseReply(`Yes.\n\nBo\n\n${quote}\n`), {
      text: "Yes.\n\nBo",
      quoted: quote,
      signature: null,
    });
  });
}

const signatures: [sentence: string, signature: string][] = [
  ["a delimiter", "-- \nBo Example\nClient"],
  ["one without its space", "--\nBo"],
  ["a long dash", "—\nBo\nClient"],
  ["a list's footer", "__\ndesk mailing list\nhttps://lists.test/desk"],
  ["a phone's", "Sent from my phone"],
  ["one with a link", "Get Outlook for iOS<https://x.test/>"],
  ["in German", "Von meinem iPhone gesendet"],
  ["in French", "Envoyé de mon iPhone"],
  ["in Russian", "Отправлено с iPhone"],
  ["in Japanese", "iPhoneから送信"],
];
for (const [sentence, signature] of signatures) {
  const trimmed = signature.replace("-- ", "--");
  test(`a signature: ${sentence}`, () => {
    assert.deepEqual(parseReply(`Yes.\n\n${signature}\n`), {
      text: "Yes.",
      quoted: null,
      signature: trimmed,
    });
    assert.deepEqual(parseReply(`Yes.\n\n${signature}\n\n> Hello`), {
      text: "Yes.",
      quoted: "> Hello",
      signature: trimmed,
    });
  });
}

/** Where it is not sure what the sender wrote, all stays. */
const kept: [sentence: string, text: string][] = [
  ["answers between quotes need them", "> One?\n\nYes.\n\n> Two?\n\nNo."],
  ["a text that is a quote alone is meant", "> Hello"],
  ["and one that is a forward alone", "-----Original Message-----\nHello"],
  ["a sentence that ends in a colon", "On Monday I saw two of them:\n\n- one\n- two"],
  ["a person's words", "In 2026 my lawyer wrote:\n\nPay."],
  ["a list of fields that somebody wrote", "From: Paris\nTo: London\nDate: 2 May 2026\n\nHow much?"],
  ["a rule in a text", "Totals\n----\nOne\n----\nTwo"],
  ["two dashes far above the end", `--\n${"line\n".repeat(30)}Bo`],
  ["a sentence about phones", "Sent from my desk, which is better than my phone."],
  ["a closing", "Yes.\n\nBest regards,\nBo"],
  ["code", "See:\n\n  // Sent from my mailer\n  x"],
];
for (const [sentence, text] of kept) {
  test(`kept: ${sentence}`, () =>
    assert.deepEqual(parseReply(text), { text, quoted: null, signature: null }));
}

test("a reply below its quote is the reply", () => {
  const quoted = `On 2 Jan 2026, at 03:04, ${header} wrote:\n> Hello`;
  assert.deepEqual(parseReply(`${quoted}\n\nYes.`), { text: "Yes.", quoted, signature: null });
});

test("HTML is read by the text it shows", () => {
  const html =
    '<p>Yes.</p><div class="q"><div>On 2 Jan 2026, at 03:04, Ada &lt;ada@client.test&gt; wrote:</div>' +
    "<blockquote><p>Hello</p></blockquote></div>";
  assert.equal(parseReply(htmlToText(html)).text, "Yes.");
});

test("a mail has a reply where it has text", async () => {
  const mail = (body: string) => Buffer.from(`From: a@b.test\r\n\r\n${body}`);
  assert.equal((await parseData(mail("Yes.\r\n\r\n> Hello\r\n"))).reply?.text, "Yes.");
  assert.equal((await parseData(mail(""))).reply, null);
});

const line = fc.oneof(
  fc.constantFrom(
    ...["", "text", "> quote", ">> deep", "-- ", "--", "__", "—", "___________", "Sent from my phone", "> "],
    ...[
      "On 2 Jan 2026, at 03:04, Ada <ada@client.test> wrote:",
      "On 2 Jan 2026, Ada <",
      "ada@client.test> wrote:",
    ],
    ...[
      "From: Ada <ada@client.test>",
      "Sent: Friday",
      "To: Bo",
      "Subject: Hi",
      "-----Original Message-----",
      "wrote:",
    ],
  ),
  fc.string({ maxLength: 20 }).map((text) => text.replaceAll("\n", " ")),
);
const texts = fc.array(line, { maxLength: 40 });
const said = (text: string | null) => (text ?? "").split("\n").flatMap((one) => one.trim() || []);

test("every line is in the text, the quote or the signature, once", () => {
  const property = fc.property(texts, (lines) => {
    const { text, quoted, signature } = parseReply(lines.join("\n"));
    const found = [text, quoted, signature].flatMap(said);
    assert.deepEqual(found.sort(), said(lines.join("\n")).sort());
  });
  fc.assert(property, { numRuns: 500 });
});

test("the pieces follow each other, and each line is looked at a bounded number of times", () => {
  const hostile = [
    "> q",
    "text",
    "",
    "--",
    "__",
    "1: <a@b>",
    "From: a@b",
    "Sent: a",
    "wrote: 1",
    "From: x",
    "> ",
    "1",
    "—",
  ];
  const readsOf = (lines: readonly string[]) => {
    let reads = 0;
    const counted = new Proxy(lines, {
      get: (target, key, receiver) => {
        if (typeof key === "string" && /^\d+$/.test(key)) reads += 1;
        return Reflect.get(target, key, receiver);
      },
    });
    const pieces = cutPieces(counted);
    for (const [index, piece] of pieces.entries()) assert.ok(piece.start >= (pieces[index - 1]?.end ?? 0));
    return reads;
  };
  const property = fc.property(
    fc.array(fc.constantFrom(...hostile), { minLength: 1, maxLength: 4 }),
    (unit) => {
      const lines = Array.from({ length: 500 }, () => unit).flat();
      assert.ok(readsOf(lines) <= 100 * lines.length, `${readsOf(lines)} reads of ${lines.length} lines`);
    },
  );
  fc.assert(property, { numRuns: 200 });
});
