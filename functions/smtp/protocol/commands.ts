import type { Greeting } from "../../mail/trace.ts";
import { commandLineMaxOctets, domainMaxOctets, mailLineGrowthOctets } from "./limits.ts";
import { hello, type Reply, replies } from "./reply.ts";
import type { Policy, Session } from "./session.ts";
import { answer, reset, type Step, type Verb } from "./step.ts";
import { data, mail, rcpt } from "./transaction.ts";

/** A command line without its CRLF. */
export interface CommandLine {
  /** Null where it has control characters, or is not UTF-8. */
  readonly text: string | null;
  /** Its CRLF counted. */
  readonly octets: number;
}

/** Answers one command line. Pure: the caller owns the socket, the clock and the message. */
export function step(session: Session, { text, octets }: CommandLine, policy: Policy): Step {
  if (text === null) return answer(session, replies.badCharacters);
  const [, name, argument = ""] = /^([A-Za-z]+)(?: +(.*))?$/.exec(text) ?? [];
  if (name === undefined) return answer(session, replies.noCommand);
  const verb = name.toUpperCase();
  if (octets > commandLineMaxOctets + (verb === "MAIL" ? mailLineGrowthOctets : 0)) {
    return answer(session, replies.lineTooLong);
  }
  const run = policy.isClientRefused && verb !== "QUIT" ? refuseClient : (verbs.get(verb) ?? refuseUnknown);
  return run(session, argument, policy);
}

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
const notImplemented = [
  "EXPN",
  "TURN",
  "SEND",
  "SOML",
  "SAML",
  "ETRN",
  "ATRN",
  "AUTH",
  "BDAT",
  "BURL",
  "LHLO",
];

/** A browser, or one that is led to speak to this port (cross-protocol attack). */
const httpMethods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

const verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ["EHLO", greet("EHLO")],
  ["HELO", greet("HELO")],
  ["STARTTLS", bare(startTls)],
  ["MAIL", mail],
  ["RCPT", rcpt],
  ["DATA", data],
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
]);

/** HELO and EHLO begin anew, as RSET does (RFC 5321 §4.1.4). The name is taken as it is: §4.1.4 forbids to refuse for it. */
function greet(greeting: Greeting): Verb {
  return (session, name, policy) => {
    if (!/^[^ ]+$/.test(name) || name.length > domainMaxOctets) return answer(session, replies.needHostname);
    const keywords = greeting === "EHLO" ? keywordsFor(session, policy) : [];
    return reset({ ...session, hello: { greeting, name } }, hello(policy.hostname, keywords));
  };
}

/** What is offered, and nothing that is not (RFC 5321 §4.1.1.1). */
function keywordsFor({ client }: Session, { limits, canStartTls }: Policy): readonly string[] {
  return [
    "PIPELINING",
    `SIZE ${limits.messageMaxSizeBytes}`,
    "8BITMIME",
    "SMTPUTF8",
    "ENHANCEDSTATUSCODES",
    `LIMITS RCPTMAX=${limits.recipientsMax}`,
    ...(canStartTls && client.tls === null ? ["STARTTLS"] : []),
    "HELP",
  ];
}

function startTls(session: Session, _argument: string, { canStartTls }: Policy): Step {
  if (session.client.tls !== null) return answer(session, replies.tlsAlready);
  if (!canStartTls) return answer(session, replies.notImplemented);
  return { kind: "ask", session, ask: { kind: "start-tls" } };
}
