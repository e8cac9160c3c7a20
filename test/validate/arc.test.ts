import assert from "node:assert/strict";
import { test } from "node:test";
import { sealMessage } from "mailauth/lib/arc/index.js";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { authorised, judge, key, policy, type Records } from "./judge.ts";
import { plain, sign } from "./mail.ts";
import { keyRecord, signingKey } from "./zone.ts";

/** The mail with one more ARC set on top; `seen` is what the sealer says it saw. */
async function seal(mail: string, signingDomain: string, seen: string): Promise<string> {
  const { arc } = await dkimVerify(mail, { resolver: async () => keyRecord, strict: true });
  const headers = await sealMessage(mail, {
    signingDomain,
    selector: "s1",
    privateKey: signingKey,
    authResults: `mx.${signingDomain}; ${seen}`,
    cv: arc?.chain ? "pass" : "none",
    i: (arc?.chain || []).length + 1,
  });
  return headers.toString() + mail;
}

const sealKey = {
  "s1._domainkey.list.example TXT": keyRecord,
  "s1._domainkey.relay.example TXT": keyRecord,
  "s1._domainkey.stranger.example TXT": keyRecord,
};
const sealed = await seal(plain, "list.example", "spf=pass smtp.mailfrom=sender.example");
const vouched = "dmarc=pass (p=REJECT) header.from=Sender.example; spf=pass";

const arcRows: readonly [string, string, Records, object][] = [
  ["no set is none", plain, sealKey, { result: "none", sealer: null }],
  [
    "a chain that verifies passes, and names its sealer",
    sealed,
    sealKey,
    { result: "pass", sealer: "list.example" },
  ],
  ["an altered body fails", sealed.replace("Bob", "Rob"), sealKey, { result: "fail", sealer: null }],
  ["a missing key fails", sealed, {}, { result: "fail", sealer: null }],
  [
    "a seal without its signature fails",
    sealed.replace("ARC-Message-Signature", "X-Message-Signature"),
    sealKey,
    { result: "fail", sealer: null },
  ],
];

for (const [sentence, mail, records, expected] of arcRows)
  test(`ARC: ${sentence}`, async () =>
    assert.deepEqual((await judge(mail, records)).arc, { trusted: false, ...expected }));

for (const [sentence, sets, expected] of [
  ["a trusted sealer that saw DMARC pass is trusted", [["list.example", vouched]], true],
  ["one that says nothing of DMARC is not", [["list.example", "spf=pass"]], false],
  ["one that saw DMARC fail is not", [["list.example", "dmarc=fail header.from=sender.example"]], false],
  ["one that saw another author is not", [["list.example", "dmarc=pass header.from=other.example"]], false],
  ["one that names no author is not", [["list.example", "dmarc=pass"]], false],
  ["a stranger is not", [["stranger.example", vouched]], false],
  [
    "a trusted one before a trusted one is",
    [
      ["list.example", vouched],
      ["relay.example", "arc=pass"],
    ],
    true,
  ],
  [
    "one before a stranger is not",
    [
      ["list.example", vouched],
      ["stranger.example", "arc=pass"],
    ],
    false,
  ],
] as const)
  test(`ARC: ${sentence}`, async () => {
    let mail = plain;
    for (const [domain, seen] of sets) mail = await seal(mail, domain, seen);
    const auth = await judge(mail, { ...policy, ...sealKey });
    assert.partialDeepStrictEqual(auth, {
      arc: { result: "pass", sealer: sets.at(-1)?.[0], trusted: expected },
      dmarc: { result: "fail" },
      senderVerified: false,
    });
  });

test("the header is one line, in our name, with every mechanism", async () => {
  const { header } = await judge(await sign(sealed), { ...key, ...policy, ...authorised, ...sealKey });
  assert.match(
    header,
    /^mx\.receiver\.test; dkim=pass [^;]*; spf=pass [^;]*; arc=pass [^;]*; dmarc=pass [^;]*$/,
  );
});

test("an empty message is judged", async () => {
  const { dkim, dmarc, arc } = await judge("", authorised);
  assert.deepEqual([dkim, dmarc.result, arc.result], [[], "fail", "none"]);
});
