/** The verbs of a mail transaction (RFC 5321 §4.1.1.2-4, RFC 3030 §2). A command that fails leaves the state as it was (§4.1.4). */
import { parseMailParameters, parseRcptParameters } from "./parameters.ts";
import { parseForwardPath, parseReversePath } from "./path.ts";
import { type Reply, recipientRejected, replies } from "./reply.ts";
import { envelopeOf, type Policy, type Session, type Transaction } from "./session.ts";
import { answer, type Begin, type Step } from "./step.ts";

const isAscii = /^[ -~]*$/;

export function mail(session: Session, argument: string, { limits }: Policy): Step {
  if (session.hello === null) return answer(session, replies.needHello);
  if (session.transaction !== null) return answer(session, replies.mailAlready);
  const path = /^FROM:/i.test(argument) ? parseReversePath(argument.slice("FROM:".length)) : null;
  if (path === null) return answer(session, replies.badSender);
  const parsed = parseMailParameters(path.rest);
  if (parsed.kind === "refused") return answer(session, parsed.reply);
  const { parameters } = parsed;
  const mailFrom = path.mailbox;
  if (parameters.requireTls && session.client.tls === null) return answer(session, replies.needTls);
  if (!parameters.smtpUtf8 && !isAscii.test(mailFrom ?? "")) return answer(session, replies.utf8Sender);
  const transaction = { ...parameters, mailFrom, ...untouched };
  if (parameters.declaredSizeBytes > limits.messageMaxSizeBytes) {
    const dropped = { ...transaction, refusal: replies.tooLarge };
    return { kind: "reply", session, reply: replies.tooLarge, dropped };
  }
  const transactions = session.transactions + 1;
  return answer({ ...session, transaction, transactions, failedChunk: null }, replies.senderOk);
}

const untouched = {
  rcptTo: [],
  dsnRecipients: [],
  refusedRecipients: 0,
  refusedTo: null,
  isChunked: false,
  refusal: null,
};

export function rcpt(session: Session, argument: string, policy: Policy): Step {
  const { transaction } = session;
  if (session.hello === null) return answer(session, replies.needHello);
  if (transaction === null) return answer(session, replies.needMail);
  if (transaction.isChunked) return answer(session, replies.chunksBegun);
  const path = /^TO:/i.test(argument) ? parseForwardPath(argument.slice("TO:".length)) : null;
  if (path === null || path.mailbox === null) return answer(session, replies.badRecipient);
  const parsed = parseRcptParameters(path.rest);
  if (parsed.kind === "refused") return answer(session, parsed.reply);
  const recipient = path.mailbox;
  if (!transaction.smtpUtf8 && !isAscii.test(argument)) return answer(session, replies.utf8Recipient);
  const refusal = judge(recipient, { session, transaction, policy });
  if (refusal !== null) {
    const refusedRecipients = transaction.refusedRecipients + 1;
    const refusedTo = transaction.refusedTo ?? recipient;
    return answer(withTransaction(session, { refusedRecipients, refusedTo, refusal }), refusal);
  }
  const rcptTo = [...transaction.rcptTo, recipient];
  const { notify, orcpt } = parsed.parameters;
  const isDsn = notify.length > 0 || orcpt !== null;
  const dsnRecipients = [...transaction.dsnRecipients, ...(isDsn ? [{ recipient, notify, orcpt }] : [])];
  return answer(withTransaction(session, { rcptTo, dsnRecipients }), replies.recipientOk);
}

export function data(session: Session, argument: string, policy: Policy): Step {
  if (argument !== "") return answer(session, replies.noArgument);
  const { transaction } = session;
  const { refusal, begin } = judgeMessage(session, policy);
  if (begin === null) return answer(session, refusal);
  if (transaction?.isChunked) return answer(session, replies.chunksBegun);
  if (transaction?.bodyType === "BINARYMIME") return answer(session, replies.needChunks);
  return { kind: "ask", session, ask: begin };
}

/** Sizes of more digits could not be counted exactly, and no message has them. */
const bdatArgument = /^(\d{1,15})(?: +(LAST))?$/i;

export function bdat(session: Session, argument: string, policy: Policy): Step {
  const [, size, last] = bdatArgument.exec(argument) ?? [];
  // Where the octets end is unknown: what follows must not be read as commands.
  if (size === undefined) return answer(session, replies.badChunkSize);
  const isLast = last !== undefined;
  const { refusal, begin } = judgeMessage(session, policy);
  return {
    kind: "chunk",
    session: begin === null ? session : withTransaction(session, { isChunked: true }),
    chunk: {
      sizeBytes: Number(size),
      isLast,
      refusal: session.failedChunk ?? refusal,
      begin: session.transaction?.isChunked ? null : begin,
    },
  };
}

/** What DATA and BDAT need alike. */
function judgeMessage(
  session: Session,
  { isClientRefused, protocol }: Policy,
): { refusal: Reply; begin: null } | { refusal: null; begin: Begin } {
  const { hello, transaction } = session;
  const refuse = (refusal: Reply) => ({ refusal, begin: null });
  if (isClientRefused) return refuse(replies.refusedClient);
  if (hello === null) return refuse(replies.needHello);
  if (transaction === null) return refuse(replies.needMail);
  const { rcptTo, refusedRecipients } = transaction;
  if (rcptTo.length === 0) {
    // RFC 2033 §4.2 wants 503.
    const isRefused = refusedRecipients > 0 && protocol === "smtp";
    return refuse(isRefused ? replies.noRecipients : replies.needRecipient);
  }
  const { greeting } = hello;
  const envelope = envelopeOf(session, transaction);
  return { refusal: null, begin: { kind: "begin", envelope, greeting, refusedRecipients } };
}

/** Changes the open transaction, if there is one. */
export function withTransaction(session: Session, change: Partial<Transaction>): Session {
  const { transaction } = session;
  return transaction === null ? session : { ...session, transaction: { ...transaction, ...change } };
}

/** Null takes the recipient. */
function judge(
  recipient: string,
  { session, transaction, policy }: { session: Session; transaction: Transaction; policy: Policy },
): Reply | null {
  if (transaction.rcptTo.length >= policy.limits.recipientsMax) return replies.tooManyRecipients;
  const { remoteIp, tls } = session.client;
  const { mailFrom } = transaction;
  const verdict = policy.judgeRecipient({ recipient, mailFrom, remoteIp, isTls: tls !== null });
  switch (verdict.kind) {
    case "accept":
      return null;
    case "reject":
      return recipientRejected(verdict.text);
    case "unknown":
      return replies.unknownRecipient;
  }
}
