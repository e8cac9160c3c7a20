import assert from "node:assert/strict";
import { test } from "node:test";
import { readHeader } from "../../functions/parse/header.ts";
import { parseHeaderFields } from "../../functions/parse/header-fields.ts";
import { judgeKind } from "../../functions/parse/kind.ts";
import { normaliseSubject, parseMessageIds, parseThread } from "../../functions/parse/threads.ts";

const fieldsOf = (block: string) => parseHeaderFields(Buffer.from(block), () => undefined);

const ids: [sentence: string, raw: string, expected: string[]][] = [
  ["ids keep their brackets", "<a@b> <c@d>", ["<a@b>", "<c@d>"]],
  ["words and comments between them are none", "Your mail of Monday <a@b> (x), <c@d>", ["<a@b>", "<c@d>"]],
  ["an id that was folded is joined", "<a\t b@c>", ["<ab@c>"]],
  ["ids without brackets get them", "a@b, c@d", ["<a@b>", "<c@d>"]],
  ["words without an at sign are none", "yesterday", []],
  ["an id that is not closed is none", "<a@b <c@d>", ["<c@d>"]],
  ["nothing is none", "<>", []],
];
for (const [sentence, raw, expected] of ids)
  test(sentence, () => assert.deepEqual(parseMessageIds(raw), expected));

const subjects: [sentence: string, subject: string, expected: string][] = [
  ["prefixes of replies are left out", "Re: RE[2]: Hello", "hello"],
  ["those of forwards too", "Fwd: FW: WG: Hello", "hello"],
  ["in many languages", "AW: SV: 回复：Hello", "hello"],
  ["a word with a colon is no prefix", "Order: 12", "order: 12"],
  ["white space does not matter", "  Re :  a \t b ", "a b"],
  ["a prefix alone is no subject", "Re:", ""],
];
for (const [sentence, subject, expected] of subjects) {
  test(sentence, () => assert.equal(normaliseSubject(subject), expected));
}

const threads: [sentence: string, block: string, key: string][] = [
  ["the first reference is the thread", "References: <r@x> <s@x>\nIn-Reply-To: <t@x>", "<r@x>"],
  ["else what is replied to", "In-Reply-To: <t@x>", "<t@x>"],
  ["else the message begins one", "X: y", "<own@x>"],
];
for (const [sentence, block, key] of threads) {
  test(sentence, () => {
    const thread = parseThread({ fields: fieldsOf(block), messageId: "<own@x>", subject: "Hello", id: "1" });
    assert.equal(thread.key, key);
  });
}

const kindOf = (block: string, contentType = "text/plain", parameters: Record<string, string> = {}) => {
  const fields = fieldsOf(block);
  const header = readHeader(fields, () => undefined);
  const source = { fields, header, mailFrom: "a@b.test", text: null, excerpts: [] };
  return judgeKind({ ...source, contentType, parameters: new Map(Object.entries(parameters)) });
};

const automatic: [sentence: string, block: string, expected: string][] = [
  ["a person's mail is not automatic", "X: y", "no"],
  ["nor is one that says so", "Auto-Submitted: no", "no"],
  ["a reply by a program is", "Auto-Submitted: auto-replied; owner-email=a@b", "auto-replied"],
  ["so is a note of vacation", "Auto-Submitted: auto-replied (vacation)", "vacation"],
  ["and a generated mail", "Auto-Submitted: AUTO-GENERATED", "auto-generated"],
  ["and a notification (RFC 5436)", "Auto-Submitted: auto-notified", "auto-generated"],
  ["older programs say it otherwise", "X-Autoreply: yes", "auto-replied"],
];
for (const [sentence, block, expected] of automatic) {
  test(sentence, () => assert.equal(kindOf(block).automatic, expected));
}

const post = "List-Unsubscribe-Post: List-Unsubscribe=One-Click";
const lists: [sentence: string, block: string, expected: object | null][] = [
  ["a mail of no list has none", "Precedence: bulk", null],
  ["a list has an id", "List-Id: The list <l.x>", { id: "l.x", unsubscribe: [], oneClick: false }],
  ["its id may stand bare", "List-Id: l.x", { id: "l.x", unsubscribe: [], oneClick: false }],
  [
    "a mail may only say how to leave",
    "List-Unsubscribe: <mailto:a@b>",
    { id: null, unsubscribe: ["mailto:a@b"], oneClick: false },
  ],
  [
    "one click needs https",
    `List-Unsubscribe: <http://x/>\n${post}`,
    { id: null, unsubscribe: ["http://x/"], oneClick: false },
  ],
  [
    "with it one click is enough",
    `List-Unsubscribe: <https://x/>\n${post}`,
    { id: null, unsubscribe: ["https://x/"], oneClick: true },
  ],
];
for (const [sentence, block, expected] of lists)
  test(sentence, () => assert.deepEqual(kindOf(block).list, expected));

const signed = "multipart/signed";
const pkcs7 = "application/pkcs7-mime";
const secured: [
  sentence: string,
  contentType: string,
  parameters: Record<string, string>,
  expected: (string | null)[],
][] = [
  ["PGP/MIME encrypts", "multipart/encrypted", { protocol: "application/pgp-encrypted" }, ["pgp", null]],
  ["PGP/MIME signs", signed, { protocol: "application/pgp-signature" }, [null, "pgp"]],
  ["S/MIME signs", signed, { protocol: "application/x-pkcs7-signature" }, [null, "smime"]],
  ["S/MIME signs opaquely", pkcs7, { "smime-type": "signed-data" }, [null, "smime"]],
  ["S/MIME encrypts", pkcs7, { "smime-type": "enveloped-data" }, ["smime", null]],
  ["an unknown protocol is neither", signed, { protocol: "application/x-odd" }, [null, null]],
];
for (const [sentence, contentType, parameters, expected] of secured) {
  test(sentence, () => {
    const kind = kindOf("X: y", contentType, parameters);
    assert.deepEqual([kind.encrypted, kind.signed], expected);
  });
}
