import assert from "node:assert/strict";
import { test } from "node:test";
import { bouncesOf, failed, fields, original, report, system } from "./bounces.ts";

const person = "From: Bo <bo@client.test>\r\nTo: ada@client.test\r\n";
const plain = "Content-Type: text/plain; charset=utf-8\r\n\r\n";

/** Bounces in words, each with its subject and report; the original follows. */
const wordings: [sentence: string, subject: string, words: string, expected: object][] = [
  [
    "English",
    "Undelivered Mail Returned to Sender",
    "I could not deliver your message.\n\n<lost@far.test>: host mx.far.test said: 550 5.1.1 no such\n    user (in reply to RCPT TO)",
    { ...failed, diagnostic: "host mx.far.test said: 550 5.1.1 no such user (in reply to RCPT TO)" },
  ],
  [
    "German",
    "Unzustellbar: Hallo",
    "Ihre Nachricht konnte nicht zugestellt werden an:\n\n  lost@far.test\n  Das Postfach ist voll (#5.2.2)",
    { ...failed, status: "5.2.2" },
  ],
  [
    "French",
    "Échec de la remise du message",
    "Votre message n'a pas pu être remis aux destinataires suivants :\n\n* lost@far.test : 550 adresse inconnue",
    { ...failed, status: "5.0.0", diagnostic: "550 adresse inconnue" },
  ],
  [
    "Spanish",
    "Correo no entregado",
    "Su mensaje no pudo ser entregado a:\n<lost@far.test>\n\nMotivo:\n550 5.1.1 Usuario desconocido",
    failed,
  ],
  [
    "Portuguese",
    "Falha na entrega",
    "A mensagem não foi entregue.\n\nlost@far.test - 5.1.1 desconhecido",
    failed,
  ],
  ["Italian", "Mancata consegna", "Il messaggio non è stato consegnato a\n  lost@far.test (5.1.1)", failed],
  [
    "Dutch",
    "Niet bezorgd",
    "Uw bericht kon niet worden bezorgd.\n\nlost@far.test: 550 5.1.1 onbekend",
    failed,
  ],
  ["Swedish", "Leveransfel", "Meddelandet kunde inte levereras.\n\nlost@far.test: 550 5.1.1 okänd", failed],
  ["Polish", "Niedostarczona wiadomość", "Wiadomość nie została dostarczona.\nlost@far.test: 5.1.1", failed],
  ["Turkish", "İleti iletilemedi", "İletiniz teslim edilemedi.\n\nlost@far.test: 550 5.1.1", failed],
  [
    "Russian",
    "Сообщение не доставлено",
    "Письмо не может быть доставлено:\n\n  lost@far.test\n  550 5.1.1 нет",
    failed,
  ],
  ["Japanese", "配信不能通知", "以下の宛先に配信できませんでした。\n\nlost@far.test\n550 5.1.1 不明", failed],
  ["Chinese", "退信", "您的邮件无法投递到以下收件人。\n\nlost@far.test\n550 5.1.1", failed],
  ["Korean", "메일 전송 실패", "메일을 전송하지 못했습니다.\n\nlost@far.test\n550 5.1.1", failed],
  [
    "a mail that is late is delayed",
    "Warning: message delayed 24 hours",
    "Your message has not been delivered yet to:\n\n  lost@far.test\n    451 4.7.1 come back later",
    { action: "delayed", status: "4.7.1", recipient: "lost@far.test" },
  ],
  [
    "where the report names nobody, whom the original was for",
    "Returned mail",
    "----- Transcript of session follows -----\n421 far.test... cannot send for 4 days",
    { ...failed, status: "4.0.0" },
  ],
  [
    "whom to ask for help is not to blame",
    "Delivery failure",
    "Not delivered. Contact <support@relay.test>.\n\nlost@far.test: user unknown",
    { ...failed, status: "5.0.0", diagnostic: "user unknown" },
  ],
];
for (const [sentence, subject, words, expected] of wordings) {
  test(`a bounce in words: ${sentence}`, async () => {
    const mail = `${system}Subject: ${subject}\r\n${plain}${words}\n\n--- The original ---\n\n${original}`;
    const bounces = await bouncesOf(mail);
    assert.partialDeepStrictEqual(bounces, [{ ...expected, originalMessageId: "<m1@client.test>" }]);
    assert.equal(bounces?.length, 1);
  });
}

test("a program that names the failed recipients is believed", async () => {
  const mail = `${system}X-Failed-Recipients: one@far.test,\r\n two@far.test\r\nSubject: Hm\r\n${plain}Sorry.`;
  const bounces = await bouncesOf(mail);
  assert.deepEqual(
    bounces?.map(({ recipient }) => recipient),
    ["one@far.test", "two@far.test"],
  );
});

const failure = "Delivery failed: your message could not be delivered.\n\nlost@far.test: 550 5.1.1 no\n";
const strangers: [sentence: string, mail: string, mailFrom?: string | null][] = [
  [
    "a person who writes about a failure",
    `${person}Subject: Delivery failed\r\n${plain}${failure}${original}`,
  ],
  ["a person who answers a bounce", `${person}Subject: Re: Returned mail\r\n${plain}> ${failure}`],
  ["a system that writes of other things", `${system}Subject: Hello\r\n${plain}Your quota is at 550 MB.`],
  [
    "a shop whose parcel is late",
    `From: no-reply@shop.test\r\nSubject: Not delivered\r\n${plain}We could not deliver your parcel.`,
  ],
  [
    "a postmaster's letter",
    `From: postmaster@far.test\r\nSubject: Your question\r\n${plain}Your mail was not delivered, I fear.`,
  ],
  ["a list", `${system}List-Id: <l.test>\r\nSubject: Delivery failed\r\n${plain}${failure}`],
  ["a vacation note", `${person}Subject: Automatic reply: Hello\r\n${plain}I am away.`, null],
  [
    "a person who attaches a bounce",
    `${person}Subject: See below\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\n\nWhat is this?\n--c\n` +
      `Content-Type: message/rfc822\n\n${report(fields("Action: failed")).replaceAll("\r\n", "\n")}\n--c--\n`,
  ],
];
for (const [sentence, mail, mailFrom] of strangers) {
  test(`no bounce: ${sentence}`, async () => assert.equal(await bouncesOf(mail, mailFrom), null));
}
