import type { CommandLine } from "./command-line.ts";
import { step } from "./commands.ts";
import { type EngineEvent, refusedEvent } from "./engine-event.ts";
import { Intake } from "./intake.ts";
import { greeting, type Next, type Reply, replies } from "./reply.ts";
import {
  type Client,
  countFailure,
  type Policy,
  type Session,
  startSession,
  type Transaction,
  withUser,
} from "./session.ts";
import type { Step } from "./step.ts";
import { withTransaction } from "./transaction.ts";

/** What is said in a session, and what becomes of each transaction. Whatever is said tells how to go on. */
export class Conversation {
  #policy: Policy;
  #session: Session;
  /** The message that has begun, until it is answered. */
  #intake: Intake | null = null;
  #events: EngineEvent[] = [];

  constructor(client: Client, policy: Policy) {
    this.#session = startSession(client);
    this.#policy = policy;
  }

  get policy(): Policy {
    return this.#policy;
  }

  get session(): Session {
    return this.#session;
  }

  get intake(): Intake | null {
    return this.#intake;
  }

  /** What has happened since it was last asked. */
  take(): readonly EngineEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  note(events: readonly EngineEvent[]): void {
    this.#events.push(...events);
  }

  greet(): Next {
    const { hostname, protocol, isClientRefused } = this.#policy;
    return this.say(isClientRefused ? replies.noService : greeting(hostname, protocol));
  }

  /** Begins anew for another client. */
  become(client: Client, policy: Policy): Next {
    const { transactions } = this.#session;
    this.#session = { ...startSession(client), transactions };
    this.#policy = policy;
    return this.greet();
  }

  step(line: CommandLine): Step {
    if (this.#policy.isTranscribed) {
      this.note([{ kind: "command", line, isResponse: this.#session.exchange !== null }]);
    }
    const result = step(this.#session, line, this.#policy);
    this.#session = result.session;
    return result;
  }

  /** Every reply goes through here, and so does what follows from it. */
  say(reply: Reply): Next {
    const { session, said } = countFailure(this.#session, reply, this.#policy);
    this.#session = session;
    this.note([{ kind: "reply", reply: said }]);
    if (said.next === "close" || said.next === "tls") this.abandon(session.transaction);
    if (said.next === "close") this.note([{ kind: "close" }]);
    return said.next;
  }

  /** Answers AUTH. */
  admit(user: string, reply: Reply): Next {
    this.#session = withUser(this.#session, user, reply);
    return this.say(reply);
  }

  /** The message of the open transaction may begin. */
  begin(): void {
    const { transaction } = this.#session;
    if (transaction !== null) this.#intake = new Intake(transaction, this.#policy);
  }

  /** It may not, and the transaction stays open. */
  decline(reply: Reply): Next {
    this.#session = withTransaction(this.#session, { refusal: reply });
    return this.say(reply);
  }

  /** The chunks that are behind this one in the pipeline are refused alike. */
  refuseChunk(reply: Reply, isLast: boolean): Next {
    const { transaction } = this.#session;
    this.drop(transaction, reply);
    this.#session = { ...this.#session, failedChunk: isLast ? null : reply };
    return this.#end(reply, isLast ? transaction : null);
  }

  refuseMessage(reply: Reply): Next {
    const { transaction } = this.#session;
    this.drop(transaction, reply);
    return this.#end(reply, transaction);
  }

  /** The message is stored, or cannot be. */
  endMessage(reply: Reply): Next {
    this.#intake = null;
    return this.#end(reply, this.#session.transaction);
  }

  /** A transaction that met no refusal was given up by the client, and is nobody's news. */
  abandon(transaction: Transaction | null): void {
    this.drop(transaction, transaction?.refusal ?? null);
  }

  /** Ends a transaction with nothing stored. */
  drop(transaction: Transaction | null, why: Reply | "lost" | null): void {
    if (transaction === null) return;
    const sizeBytes = this.#intake?.findings.sizeBytes ?? 0;
    const reply = why === "lost" ? null : why;
    if (why !== null) this.note([refusedEvent(this.#session, transaction, { sizeBytes, reply })]);
    this.note(this.#intake?.discard() ?? []);
    this.#intake = null;
    this.#session = { ...this.#session, transaction: null };
  }

  /** In LMTP each recipient of a whole message has a reply of its own (RFC 2033 §4.2); they all say the same. */
  #end(reply: Reply, whole: Transaction | null): Next {
    const failures = reply.code < 300 ? 0 : this.#session.failures;
    this.#session = { ...this.#session, transaction: null, failures };
    const next = this.say(reply);
    const more = this.#policy.protocol === "lmtp" ? (whole?.rcptTo.slice(1) ?? []) : [];
    if (next === "command") this.note(more.map(() => ({ kind: "reply", reply })));
    return next;
  }
}
