/** AUTH (RFC 4954) with PLAIN (RFC 4616) and LOGIN: passwords as they are, and so under TLS alone. */
import type { CommandLine } from "./command-line.ts";
import { responseLineMaxOctets } from "./limits.ts";
import { challenge, type Reply, replies } from "./reply.ts";
import type { Exchange, Policy, Session } from "./session.ts";
import { answer, type Step } from "./step.ts";

const mechanisms: ReadonlyMap<string, Exchange> = new Map<string, Exchange>([
  ["PLAIN", { mechanism: "PLAIN" }],
  ["LOGIN", { mechanism: "LOGIN", user: null }],
]);

/** What EHLO offers. */
export const authKeywords = ({ client }: Session, { canAuthenticate }: Policy): readonly string[] =>
  canAuthenticate && client.tls !== null ? [`AUTH ${[...mechanisms.keys()].join(" ")}`] : [];

export function auth(session: Session, argument: string, policy: Policy): Step {
  const [name = "", response, ...more] = argument.split(/ +/);
  const exchange = mechanisms.get(name.toUpperCase());
  const refusal = judge(session, policy);
  if (refusal !== null) return answer(session, refusal);
  if (name === "" || more.length > 0) return answer(session, replies.badAuth);
  if (exchange === undefined) return answer(session, replies.unknownMechanism);
  if (response === undefined) return ask(session, exchange);
  // An initial response of no octets (RFC 4954 §4).
  return take(session, exchange, response === "=" ? "" : response);
}

/** Answers the line that follows a challenge. */
export function respond(session: Session, exchange: Exchange, { text, octets }: CommandLine): Step {
  const over = { ...session, exchange: null };
  if (octets > responseLineMaxOctets) return answer(over, replies.responseTooLong);
  if (text === "*") return answer(over, replies.authCancelled);
  return take(over, exchange, text ?? "\0");
}

function judge({ hello, user, transaction, client }: Session, { canAuthenticate }: Policy): Reply | null {
  if (!canAuthenticate) return replies.notImplemented;
  if (hello === null) return replies.needHello;
  if (user !== null) return replies.authAlready;
  if (transaction !== null) return replies.notInTransaction;
  return client.tls === null ? replies.authInClear : null;
}

/** Sends the challenge that is due. */
function ask(session: Session, exchange: Exchange): Step {
  const question = exchange.mechanism === "PLAIN" ? "" : exchange.user === null ? "Username:" : "Password:";
  return answer({ ...session, exchange }, challenge(question));
}

function take(session: Session, exchange: Exchange, response: string): Step {
  const said = decodeBase64(response);
  if (said === null) return answer(session, replies.badResponse);
  if (exchange.mechanism === "PLAIN") {
    const [authorize, user, password, ...more] = said.split("\0");
    // Nobody may speak for another.
    const isOwn = authorize === "" || authorize === user;
    return check(session, isOwn && more.length === 0 ? user : "", password);
  }
  return exchange.user === null
    ? ask(session, { ...exchange, user: said })
    : check(session, exchange.user, said);
}

function check(session: Session, user = "", password = ""): Step {
  if (user === "" || password === "") return answer(session, replies.authFailed);
  return { kind: "ask", session, ask: { kind: "authenticate", user, password } };
}

/** Null for what is not base64 to the letter (RFC 4954 §4), or does not say UTF-8. */
function decodeBase64(text: string): string | null {
  if (!/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(text)) return null;
  try {
    return utf8.decode(Buffer.from(text, "base64"));
  } catch {
    return null;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
