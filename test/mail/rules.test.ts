/** docs/routes.md has an example of every rule; a golden file for each says how it is explained. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type Config, parseConfig } from "../../functions/mail/config.ts";
import { explain } from "../../functions/mail/explain.ts";
import { type Decision, judgeRecipient } from "../../functions/mail/match.ts";
import { When } from "../../functions/mail/when.ts";
import { explained } from "./explained.ts";
import { attachment, type Differences, validated } from "./message.ts";

const goldens = new URL("rules/", import.meta.url);
const page = readFileSync(new URL("../../docs/routes.md", import.meta.url), "utf8");

/** The route in each section of the page. */
const examples = new Map(
  [...page.matchAll(/^### (\w+)$[^#]*?^```json\n(.*?)^```$/gms)].map(([, rule = "", json = ""]) => [
    rule,
    json.trim(),
  ]),
);

const to = (...rcptTo: string[]): Differences => ({ envelope: { rcptTo } });
const bounce: Differences["kind"] = { bounce: [] };
const unread: Differences = { isParsed: false };

/** Mails that tell what a rule does. */
const mails: Readonly<Record<string, readonly Differences[]>> = {
  recipient: [to("reply+42@example.com"), to("hello@example.com")],
  mailFrom: [{ envelope: { mailFrom: null } }, {}],
  remoteIp: [{}, { envelope: { remoteIp: "2001:db8::1" } }, { envelope: { remoteIp: "198.51.100.1" } }],
  tls: [{}, { envelope: { tls: { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" } } }],
  from: [
    {
      message: { from: [{ address: "a@partner.example", name: null, domain: "partner.example" }] },
      auth: { dmarc: { result: "pass", policy: null, domain: "partner.example" } },
    },
    { message: { from: [{ address: "a@partner.example", name: null, domain: "partner.example" }] } },
    unread,
  ],
  subject: [{}, { message: { subject: null } }, unread],
  header: [{ message: { headers: [["x-spam-flag", " YES "]] } }, {}, unread],
  minSize: [{ raw: { ...validated().raw, sizeBytes: 10_000_000 } }, {}],
  maxSize: [{}, { raw: { ...validated().raw, sizeBytes: 100_001 } }],
  hasAttachments: [{ attachments: [attachment()] }, {}, unread],
  attachmentType: [
    { attachments: [attachment({ contentType: "text/plain" }), attachment({ contentType: "image/png" })] },
    { attachments: [attachment({ contentType: "text/plain" })] },
  ],
  spf: [{ auth: { spf: { result: "softfail", domain: "example.org", aligned: false } } }, {}],
  dkim: [
    {},
    {
      auth: {
        dkim: [
          {
            result: "pass",
            domain: "a.test",
            selector: "s",
            aligned: false,
            bodyLengthLimited: false,
            detail: null,
          },
        ],
      },
    },
  ],
  dmarc: [
    { auth: { dmarc: { result: "fail", policy: "reject", domain: "example.org" } } },
    {
      auth: {
        dmarc: { result: "fail", policy: "reject", domain: "example.org" },
        arc: { result: "pass", sealer: "lists.test", trusted: true },
      },
    },
  ],
  arc: [{ auth: { arc: { result: "pass", sealer: "lists.test", trusted: false } } }, {}],
  kind: [{ kind: bounce }, {}, unread],
  not: [
    {},
    {
      message: { from: [{ address: "a@example.com", name: null, domain: "example.com" }] },
      auth: { dmarc: { result: "pass", policy: null, domain: "example.com" } },
    },
  ],
  to: [to("sales@example.com"), to("hello@example.com")],
  continue: [to("hello@example.com")],
  drop: [to("no-reply@example.com"), to("hello@example.com")],
  quarantine: [{ auth: { dmarc: { result: "fail", policy: null, domain: "example.org" } } }, {}],
  reject: [to("old@example.com"), to("hello@example.com")],
};

const actions = ["to", "continue", "drop", "quarantine", "reject"];

test("every rule has a section, an example, a golden file, and mails", () => {
  const rules = [...Object.keys(When.shape), ...actions].sort();
  assert.deepEqual([...examples.keys()].sort(), rules);
  assert.deepEqual(Object.keys(mails).sort(), rules);
  assert.deepEqual(readdirSync(goldens).sort(), rules.map((rule) => `${rule}.txt`).sort());
});

function configOf(route: string): Config {
  const names = ["helpdesk", "billing", "bounces", "archive"];
  return parseConfig({
    hostname: "mx.example.com",
    endpoints: Object.fromEntries(names.map((name) => [name, { url: `https://${name}.example.com/` }])),
    routes: [JSON.parse(route), { name: "rest", when: { recipient: "*@example.com" }, to: "helpdesk" }],
  });
}

/** All that is said of one rule: its example, each mail, what RCPT is answered, and how the decision is explained. */
export function tell(rule: string): string {
  const route = examples.get(rule) ?? "";
  const config = configOf(route);
  const told = (mails[rule] ?? []).map((differences) => {
    const mail = validated(differences);
    const { mailFrom, remoteIp, tls } = mail.envelope;
    return explain(mail, config).map((explanation) => {
      const { recipient, decisions } = explanation;
      const atRcpt = judgeRecipient({ recipient, mailFrom, remoteIp, isTls: tls !== null }, config);
      return [
        `mail: ${JSON.stringify(differences)}`,
        `RCPT TO <${recipient}>: ${atRcpt.kind === "reject" ? `reject, ${atRcpt.text}` : atRcpt.kind}`,
        ...decisions.map((decision) => `decision: ${describe(decision)}`),
        ...explained(explanation),
        "",
      ].join("\n");
    });
  });
  return [route, "", ...told.flat()].join("\n");
}

const describe = (decision: Decision) =>
  decision.kind === "deliver"
    ? `${decision.route} delivers to ${decision.endpoints.join(" and ")}`
    : `${decision.kind} by ${decision.route}: ${decision.reason}`;

for (const rule of Object.keys(mails))
  test(`${rule} is explained as its golden file says`, () =>
    assert.equal(tell(rule), readFileSync(new URL(`${rule}.txt`, goldens), "utf8")));
