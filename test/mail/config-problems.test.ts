import assert from "node:assert/strict";
import { test } from "node:test";
import { problemsOf, written } from "./config.ts";

const rest = { name: "rest", when: { recipient: "*@example.com" }, to: ["inbox"] };
const route = (differences: object) => written({ routes: [rest, { name: "x", ...differences }] });
const endpoint = (value: unknown) =>
  written({
    endpoints: { inbox: { sink: true }, helpdesk: value },
    routes: [rest, { name: "h", to: ["helpdesk"] }],
  });
const when = (value: object) => route({ when: value, drop: "a test" });

const network =
  "write an address or a network such as 192.0.2.0/24 or 2001:db8::/32, with no bits set behind the prefix";
const name = "write a lower-case letter, then up to 62 lower-case letters, digits and hyphens";
const arnOfQueue = "arn:aws:sqs:eu-west-1:111122223333:q";
const arn = "write the ARN of an SQS standard queue, such as arn:aws:sqs:eu-west-1:111122223333:billing-mail";

/** Each config has one problem, and the sentence is the whole of what is said. */
const bad = [
  [
    12,
    "the config is 12: write an object with $schema, hostname, endpoints, routes, postmaster, limits, smtp, validate",
  ],
  [
    written({ hostname: "mx_1" }),
    'hostname is "mx_1": write the domain name that the server goes by, such as mx.example.com',
  ],
  [
    written({ hostname: undefined }),
    "hostname is missing: write the domain name that the server goes by, such as mx.example.com",
  ],
  [written({ hostnam: "x" }), 'the config: no such key "hostnam"; did you mean "hostname"?'],
  [written({ zzz: 1 }), 'the config: no such key "zzz"'],
  [written({ routes: {} }), "routes is {}: write a list of routes"],
  [
    written({ routes: [] }),
    'routes: none names a recipient, so no mail would be taken; write when: { recipient: "*@example.com" }',
  ],
  [
    written({ routes: [{ name: "a", reject: "no", when: { recipient: "*@a.test" } }] }),
    'routes: none names a recipient, so no mail would be taken; write when: { recipient: "*@example.com" }',
  ],
  [route({ to: ["helpdek"] }), 'routes[1].to[0] is "helpdek": no such endpoint; did you mean "helpdesk"?'],
  [route({ to: ["inbox", "inbox"] }), 'routes[1].to[1] is "inbox": it is named twice; once is enough'],
  [route({ to: [] }), "routes[1].to is []: the list is empty; name at least one"],
  [route({}), 'routes[1] is {"name":"x"}: it needs one of to, drop, quarantine, reject'],
  [
    route({ too: "inbox" }),
    'routes[1] is {"name":"x","too":"inbox"}: it needs one of to, drop, quarantine, reject; did you mean "to" by "too"?',
  ],
  [
    route({ to: "inbox", drop: "x" }),
    'routes[1] is {"name":"x","to":"inbox","drop":"x"}: it has to and drop; keep one',
  ],
  [route({ drop: "x", continue: true }), 'routes[1]: no such key "continue"'],
  [route({ drop: "x", wehn: {} }), 'routes[1]: no such key "wehn"; did you mean "when"?'],
  [route({ drop: "x", name: "rest" }), 'routes[1].name is "rest": routes[0] has that name; choose another'],
  [
    route({ drop: "x", name: "postmaster" }),
    'routes[1].name is "postmaster": the built-in last route has that name; choose another',
  ],
  [route({ drop: "x", name: "A" }), `routes[1].name is "A": ${name}`],
  [
    route({ reject: "naïve" }),
    'routes[1].reject is "naïve": write the reply\'s text, in 1 to 400 printable ASCII characters',
  ],
  [
    route({ reject: "a\r\nb" }),
    'routes[1].reject is "a\\r\\nb": write the reply\'s text, in 1 to 400 printable ASCII characters',
  ],
  [
    route({ reject: "x", when: { dmarc: "fail" } }),
    "routes[1].when: a reject cannot ask for dmarc: it is answered before the message is there; drop or quarantine instead",
  ],
  [
    route({ reject: "x", when: { not: { subject: "x" } } }),
    "routes[1].when.not: a reject cannot ask for subject: it is answered before the message is there; drop or quarantine instead",
  ],
  [
    when({ recipient: "example.com" }),
    'routes[1].when.recipient is "example.com": it has no @; write an address pattern such as *@example.com',
  ],
  [
    when({ recipient: ["a@b.test", "c"] }),
    'routes[1].when.recipient[1] is "c": it has no @; write an address pattern such as *@example.com',
  ],
  [when({ recipient: 1 }), "routes[1].when.recipient is 1: write an address pattern such as *@example.com"],
  [when({ recipient: [] }), "routes[1].when.recipient is []: the list is empty; name at least one"],
  [
    when({ recipient: "<>" }),
    'routes[1].when.recipient is "<>": it is the null reverse-path, which only mailFrom can be; write *@example.com',
  ],
  [
    when({ not: { recipient: "{x}@b.test" } }),
    'routes[1].when.not.recipient is "{x}@b.test": it has a capture; only recipient captures, so write * instead, or \\{ for a brace',
  ],
  [
    written({ validate: { trustedArcSealers: ["list example"] } }),
    'validate.trustedArcSealers[0] is "list example": write a domain name, such as example.com',
  ],
  [written({ validate: { findDuplicates: 1 } }), "validate.findDuplicates is 1: write true or false"],
  [when({ not: { not: {} } }), 'routes[1].when.not: no such key "not"'],
  [
    when({ subject: "a{b}" }),
    'routes[1].when.subject is "a{b}": it has a capture; only recipient captures, so write * instead, or \\{ for a brace',
  ],
  [
    when({ subject: "a**" }),
    'routes[1].when.subject is "a**": it has two wildcards side by side; put text between them, or write \\* for an asterisk',
  ],
  [when({ recpient: "a@b.test" }), 'routes[1].when: no such key "recpient"; did you mean "recipient"?'],
  [when({ remoteIp: "10.0.0.1/8" }), `routes[1].when.remoteIp is "10.0.0.1/8": ${network}`],
  [
    when({ dkim: "pas" }),
    'routes[1].when.dkim is "pas": write one of none, neutral, pass, fail, policy, temperror, permerror; did you mean "pass"?',
  ],
  [
    when({ kind: "autoreply" }),
    'routes[1].when.kind is "autoreply": write one of auto-reply, auto-generated, bounce, feedback, receipt, list, calendar, encrypted, signed; did you mean "auto-reply"?',
  ],
  [when({ tls: "yes" }), 'routes[1].when.tls is "yes": write true or false'],
  [when({ minSize: 1.5 }), "routes[1].when.minSize is 1.5: write whole bytes"],
  [when({ maxSize: -1 }), "routes[1].when.maxSize is -1: write a size in bytes, 0 or more"],
  [when({ header: {} }), "routes[1].when.header is {}: name at least one header field"],
  [
    when({ header: { "X Tag": "a" } }),
    'routes[1].when.header["X Tag"] is a bad name: write a header field\'s name, such as X-Spam-Flag, without its colon',
  ],
  [
    when({ header: { "X-Tag": "{a}" } }),
    'routes[1].when.header["X-Tag"] is "{a}": it has a capture; only recipient captures, so write * instead, or \\{ for a brace',
  ],
  [endpoint({}), "endpoints.helpdesk is {}: it needs one of url, queue, bus, sink"],
  [endpoint("x"), 'endpoints.helpdesk is "x": write an object with one of url, queue, bus, sink'],
  [
    endpoint({ sink: true, queue: "x" }),
    'endpoints.helpdesk is {"sink":true,"queue":"x"}: it has queue and sink; keep one',
  ],
  [endpoint({ sink: false }), "endpoints.helpdesk.sink is false: write true"],
  [
    endpoint({ url: "https://a.test", format: "mandrill" }),
    'endpoints.helpdesk.format is "mandrill": write one of mailchute, postmark, sendgrid, mailgun, cloudmailin',
  ],
  [
    endpoint({ bus: arnOfQueue }),
    `endpoints.helpdesk.bus is "${arnOfQueue}": write the ARN of an EventBridge bus, such as arn:aws:events:eu-west-1:111122223333:event-bus/mail`,
  ],
  [endpoint({ queue: "https://sqs" }), `endpoints.helpdesk.queue is "https://sqs": ${arn}`],
  [
    endpoint({ queue: "arn:aws:sqs:eu-west-1:111122223333:q.fifo" }),
    `endpoints.helpdesk.queue is "arn:aws:sqs:eu-west-1:111122223333:q.fifo": ${arn}`,
  ],
  [
    endpoint({ url: "app" }),
    'endpoints.helpdesk.url is "app": write an https URL, such as https://app.example.com/hooks/mail',
  ],
  [endpoint({ url: "ftp://a.test" }), 'endpoints.helpdesk.url is "ftp://a.test": write an https URL'],
  [
    endpoint({ url: "http://a.test/?key=s3cret" }),
    'endpoints.helpdesk.url is "http://a.test/?…": write an https URL, or set allowPrivateAddress: true for a service of your own network',
  ],
  [
    endpoint({ url: "https://user:s3cret@a.test/" }),
    'endpoints.helpdesk.url is "https://…@a.test/": leave the user name and password out; webhooks are signed instead',
  ],
  [
    endpoint({ url: "https://a.test/#x" }),
    'endpoints.helpdesk.url is "https://a.test/#x": leave the # and what follows out; it is never sent',
  ],
  [
    written({ endpoints: {}, routes: [{ name: "x", when: rest.when, drop: "x" }] }),
    "endpoints is 0 endpoints: write at least 1 and at most 100 endpoints",
  ],
  [
    written({ endpoints: { inbox: { sink: true }, Big: { sink: true } } }),
    `endpoints.Big is a bad name: ${name}`,
  ],
  [written({ postmaster: ["root"] }), 'postmaster[0] is "root": no such endpoint'],
  [
    written({ limits: { recipientsMax: 99 } }),
    "limits.recipientsMax is 99: write a whole number from 100 to 1000",
  ],
  [written({ smtp: { bareNewlines: "fix" } }), 'smtp.bareNewlines is "fix": write "reject" or "flag"'],
  [
    written({ smtp: { bareNewlinesFlaggedFrom: ["x"] } }),
    `smtp.bareNewlinesFlaggedFrom[0] is "x": ${network}`,
  ],
] as const;

for (const [config, problem] of bad) {
  test(problem, () => assert.deepEqual(problemsOf(config), [problem]));
}

test("every problem is told at once", () => {
  const config = written({
    hostname: 1,
    routes: [{ name: "a", when: { recipient: "x" }, to: ["inbx", "b"] }, { name: "a" }],
  });
  assert.deepEqual(
    problemsOf(config).map((problem) => problem.split(" ", 1)[0]),
    [
      "hostname",
      "routes[0].when.recipient",
      "routes[1]",
      "routes[1].name",
      "routes[0].to[0]",
      "routes[0].to[1]",
    ],
  );
});

const hidden = [
  ["at the top", '{ "__proto__": {} }', "__proto__ cannot be a name"],
  [
    "as an endpoint",
    '{ "endpoints": { "__proto__": { "sink": true } } }',
    "endpoints.__proto__ cannot be a name",
  ],
  [
    "as a header field",
    '{ "routes": [{ "when": { "header": { "__proto__": "x" } } }] }',
    "routes[0].when.header.__proto__ cannot be a name",
  ],
] as const;

for (const [sentence, json, problem] of hidden) {
  test(`no key hides ${sentence}`, () => assert.ok(problemsOf(JSON.parse(json)).includes(problem)));
}

test("a config that turns back on itself is refused, not followed for ever", () => {
  const loop: Record<string, unknown> = written();
  loop["routes"] = [loop];
  assert.ok(problemsOf(loop).length > 0);
});
