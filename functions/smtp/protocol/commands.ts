import type { Greeting } from "../../mail/trace.ts";
import { auth, authKeywords, respond } from "./auth.ts";
import type { CommandLine } from "./command-line.ts";
import {
  commandLineMaxOctets,
  domainMaxOctets,
  mailLineGrowthOctets,
  rcptLineGrowthOctets,
} from "./limits.ts";
import { hello, type Reply, replies } from "./reply.ts";
import type { Policy, Session } from "./session.ts";
import { answer, reset, type Step, type Verb } from "./step.ts";
import { bdat, data, mail, rcpt } from "./transaction.ts";
import { xclient, xclientKeywords } from "./xclient.ts";

/** Answers one command line. Pure: the caller owns the socket, the clock and the message. */
export function step(session: Session, line: CommandLine, policy: Policy): Step {
  if (session.exchange !== null) return respond(session, session.exchange, line);
  const { verb, text, octets } = line;
  // Octets follow BDAT, and must not be read as commands.
  const refuse = (reply: Reply) => answer(session, verb === "BDAT" ? replies.badChunkSize : reply);
  if (octets > commandLineMaxOctets + (lineGrowthOctets.get(verb) ?? 0)) return refuse(replies.lineTooLong);
  if (text === null) return refuse(replies.badCharacters);
  const argument = text.slice(verb.length);
  if (verb === "" || !/^(?: |$)/.test(argument)) return refuse(replies.noCommand);
  const known = verbs[policy.protocol].get(verb) ?? refuseUnknown;
  const run = policy.isClientRefused && !heeded.has(verb) ? refuseClient : known;
  return run(session, argument.trimStart(), policy);
}

const lineGrowthOctets: ReadonlyMap<string, number> = new Map([
  ["MAIL", mailLineGrowthOctets],
  ["RCPT", rcptLineGrowthOctets],
]);

/** Of a client that is refused: whatever it is told, the octets behind BDAT are no commands. */
const heeded: ReadonlySet<string> = new Set(["QUIT", "BDAT"]);

const always =
  (reply: Reply): Verb =>
  (session) =>
    answer(session, reply);

const refuseClient = always(replies.refusedClient);
const refuseUnknown = always(replies.unknownCommand);

/** For a verb that takes no argument. */
const bare =
  (run: Verb): Verb =>
  (session, argument, policy) =>
    argument === "" ? run(session, argument, policy) : answer(session, replies.noArgument);

/** Known to some RFC, and not offered. */
const notImplemented = ["EXPN", "TURN", "SEND", "SOML", "SAML", "ETRN", "ATRN", "BURL", "XFORWARD"];

/** A browser, or one that is led to speak to this port (cross-protocol attack). */
const httpMethods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

const common: readonly (readonly [string, Verb])[] = [
  ["STARTTLS", bare(startTls)],
  ["AUTH", auth],
  ["XCLIENT", xclient],
  ["MAIL", mail],
  ["RCPT", rcpt],
  ["DATA", data],
  ["BDAT", bdat],
  ["RSET", bare((session) => reset(session, replies.ok))],
  ["NOOP", always(replies.ok)],
  ["HELP", always(replies.help)],
  // Never 250: an address that was not tried must not be called good (RFC 5321 §3.5.3).
  [
    "VRFY",
    (session, argument) => answer(session, argument === "" ? replies.needArgument : replies.cannotVerify),
  ],
  ["QUIT", bare((session) => reset(session, replies.bye))],
  ...notImplemented.map((verb) => [verb, always(replies.notImplemented)] as const),
  ...httpMethods.map((verb) => [verb, (session: Session) => reset(session, replies.notHttp)] as const),
];

/** An LMTP server takes no HELO and no EHLO, so that nobody takes it for an SMTP server (RFC 2033 §4.1). */
const verbs = {
  smtp: new Map<string, Verb>([
    ...common,
    ["EHLO", greet("EHLO")],
    ["HELO", greet("HELO")],
    ["LHLO", always(replies.notImplemented)],
  ]),
  lmtp: new Map<string, Verb>([...common, ["LHLO", greet("LHLO")]]),
};

/** HELO, EHLO and LHLO begin anew, as RSET does (RFC 5321 §4.1.4). The name is taken as it is: §4.1.4 forbids to refuse for it. */
function greet(greeting: Greeting): Verb {
  return (session, name, policy) => {
    if (!/^[^ ]+$/.test(name) || name.length > domainMaxOctets) return answer(session, replies.needHostname);
    const keywords = greeting === "HELO" ? [] : keywordsFor(session, policy);
    const said = session.client.helo ?? name;
    return reset({ ...session, hello: { greeting, name: said } }, hello(policy.hostname, keywords));
  };
}

/** What is offered, and nothing that is not (RFC 5321 §4.1.1.1). */
function keywordsFor(session: Session, policy: Policy): readonly string[] {
  const { limits, canStartTls } = policy;
  const isTls = session.client.tls !== null;
  return [
    "PIPELINING",
    `SIZE ${limits.messageMaxSizeBytes}`,
    "8BITMIME",
    "CHUNKING",
    "BINARYMIME",
    "SMTPUTF8",
    "ENHANCEDSTATUSCODES",
    `LIMITS RCPTMAX=${limits.recipientsMax}`,
    ...(isTls ? ["REQUIRETLS"] : canStartTls ? ["STARTTLS"] : []),
    ...authKeywords(session, policy),
    ...xclientKeywords(policy),
    "HELP",
  ];
}

function startTls(session: Session, _argument: string, { canStartTls }: Policy): Step {
  if (session.client.tls !== null) return answer(session, replies.tlsAlready);
  if (!canStartTls) return answer(session, replies.notImplemented);
  return { kind: "ask", session, ask: { kind: "start-tls" } };
}
