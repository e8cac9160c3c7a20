import type { Socket } from "node:net";
import type { Clock, Log } from "../mail/ports.ts";
import type { SmtpSection } from "../mail/smtp-section.ts";
import type { Visit } from "./census.ts";
import type { Authenticate } from "./credentials.ts";
import { judgeWatch, observe, type Phase, type Sample, startWatch, type Watch } from "./deadlines.ts";
import type { Tally } from "./defences.ts";
import { findDue } from "./early-pipelining.ts";
import { problemEvent, refusedEvent } from "./events.ts";
import { judgeDelaySeconds } from "./failure-delay.ts";
import type { Findings } from "./protocol/data-decoder.ts";
import { Engine } from "./protocol/engine.ts";
import type { EngineEvent } from "./protocol/engine-event.ts";
import { type Reply, replies } from "./protocol/reply.ts";
import type { Client, Policy } from "./protocol/session.ts";
import type { Incoming, Reception } from "./receive.ts";
import type { FindContext } from "./tls-socket.ts";
import type { Transcript } from "./transcript.ts";
import { type Hold, Wire } from "./wire.ts";

export interface ConnectionDeps {
  readonly policy: Policy;
  readonly smtp: SmtpSection;
  readonly visit: Visit;
  /** Begins a message; null when there is no memory for one. */
  readonly receive: (incoming: Incoming) => Reception | null;
  readonly findContext: FindContext;
  readonly authenticate: Authenticate;
  /** Who a client is that a proxy spoke of, and what holds for it. */
  readonly identify: (client: Client) => Promise<{ readonly client: Client; readonly policy: Policy }>;
  readonly tally: Tally;
  /** Null where nobody looks on. */
  readonly transcript: Transcript | null;
  readonly log: Log;
  readonly now: Clock;
}

const nothing: readonly EngineEvent[] = [];

/** One client: carries octets between its socket and the engine, with one write for each read. */
export class Connection {
  readonly #deps: ConnectionDeps;
  readonly #wire: Wire;
  #engine: Engine;
  #reception: Reception | null = null;
  #replies = 0;
  /** What ends the session as soon as no message is on its way. */
  #ending: Reply | null = null;
  #failures = 0;
  #speakAtMs = 0;
  #watch: Watch;

  constructor(socket: Socket, client: Client, deps: ConnectionDeps) {
    this.#wire = new Wire(socket, (octets) => this.#read(octets));
    this.#deps = deps;
    this.#engine = new Engine(client, deps.policy);
    this.#watch = startWatch(this.#sample(), deps.now());
    socket.on("close", () => this.#lose());
  }

  greet(): void {
    this.#apply(this.#engine.greet());
  }

  /** Called every second. */
  tick(nowMs: number): void {
    this.#reception?.tick(nowMs);
    this.#watch = observe(this.#watch, this.#sample(), nowMs);
    const verdict = judgeWatch(this.#watch, nowMs, this.#deps.smtp.deadlines);
    if (verdict?.kind === "destroy") this.#wire.destroy();
    if (verdict?.kind === "refuse") this.#apply(this.#engine.shutDown(verdict.reply));
    if (this.#wire.isHeld("delay")) this.#flush();
  }

  /** Ends the session as soon as no message is on its way. */
  drain(): void {
    this.#ending = replies.shuttingDown;
    this.#apply(nothing);
  }

  #read(octets: Buffer): void {
    try {
      const due = findDue(octets, this.#engine, this.#deps);
      this.#apply(this.#engine.feed(due));
      if (due.length < octets.length) this.#apply(this.#engine.shutDown(replies.earlyPipelining));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A bug in this program must cost one session, not a thousand. */
  #fail(error: unknown): void {
    this.#report(error);
    this.#wire.destroy();
  }

  #apply(first: readonly EngineEvent[]): void {
    for (let events = first; events.length > 0; ) {
      let next = nothing;
      // An ask is always the last event, so at most one of them has a sequel.
      for (const event of events) next = this.#handle(event);
      events = next;
    }
    if (this.#ending !== null && !this.#engine.isReceiving && !this.#wire.isClosing)
      for (const event of this.#engine.shutDown(this.#ending)) this.#handle(event);
    this.#flush();
  }

  /** Gives what follows at once. */
  #handle(event: EngineEvent): readonly EngineEvent[] {
    const { authenticate, identify, transcript } = this.#deps;
    transcript?.note(event, this.#engine.session.client);
    switch (event.kind) {
      case "command":
        return nothing;
      case "reply":
        this.#say(event.reply);
        return nothing;
      case "begin":
        return this.#begin(event);
      case "message":
        if (this.#reception?.write(event.octets) === false) this.#wire.hold("room");
        return nothing;
      case "discard":
        this.#reception?.abort();
        this.#reception = null;
        this.#wire.release("room");
        return nothing;
      case "end":
        this.#wait("store", this.#finish(event.findings), (reply) => this.#engine.answer(reply));
        return nothing;
      case "refused":
        this.#deps.log(refusedEvent(event, this.#reception?.startedMs ?? null, this.#deps.now()));
        return nothing;
      case "start-tls":
        return this.#startTls();
      case "authenticate":
        this.#wait("answer", authenticate(event.user, event.password), (reply) => this.#engine.answer(reply));
        return nothing;
      case "xclient":
        this.#wait("answer", identify(event.client), (who) => this.#engine.become(who.client, who.policy));
        return nothing;
      case "close":
        this.#wire.close();
        return nothing;
    }
  }

  #say(reply: Reply): void {
    const { tally, visit } = this.#deps;
    this.#wire.write(reply.wire);
    this.#replies++;
    tally.noteReply(reply, this.#engine.session.client.remoteIp);
    if (reply === replies.unknownRecipient && !visit.takeRefusal()) this.#ending = replies.tooManyRefusals;
  }

  #begin({ envelope, greeting, refusedRecipients }: EngineEvent & { kind: "begin" }): readonly EngineEvent[] {
    const { receive, visit } = this.#deps;
    if (!visit.takeMessage()) return this.#engine.answer(replies.tooManyMessages);
    const proceed = () => this.#wire.release("room");
    const { hostname } = this.#engine.policy;
    this.#reception = receive({ hostname, envelope, greeting, refusedRecipients, proceed });
    return this.#engine.answer(this.#reception === null ? replies.outOfMemory : replies.startData);
  }

  async #finish(findings: Findings): Promise<Reply> {
    const reply = (await this.#reception?.finish(findings)) ?? replies.storeFailed;
    this.#reception = null;
    this.#wire.release("room");
    return reply;
  }

  /** Reads nothing more until there is an answer. */
  #wait<Answer>(why: Hold, asked: Promise<Answer>, tell: (answer: Answer) => readonly EngineEvent[]): void {
    this.#wire.hold(why);
    const goOn = (answer: Answer) => {
      this.#apply(tell(answer));
      this.#wire.release(why);
    };
    asked.then(goOn).catch((error: unknown) => this.#fail(error));
  }

  #flush(): void {
    this.#deps.transcript?.rest();
    if (!this.#isDelayed()) this.#wire.flush();
  }

  /** After many failures an answer waits for the tick that finds its time come. */
  #isDelayed(): boolean {
    const { visit, smtp, now } = this.#deps;
    const { failures } = this.#engine.session;
    const isWorse = failures > this.#failures && !visit.isExempt;
    if (isWorse) this.#speakAtMs = now() + judgeDelaySeconds(failures, smtp.failures.undelayedMax) * 1000;
    this.#failures = failures;
    const isDelayed = !this.#wire.isClosing && now() < this.#speakAtMs;
    if (isDelayed) this.#wire.hold("delay");
    else this.#wire.release("delay");
    return isDelayed;
  }

  /** RFC 3207: the handshake, and then a new engine that knows nothing of what was said in the clear. */
  #startTls(): readonly EngineEvent[] {
    if (!this.#hasCertificate()) return this.#engine.answer(replies.tlsUnavailable);
    this.#wire.secure(this.#deps.findContext, (tls) => {
      this.#engine = new Engine({ ...this.#engine.session.client, tls }, this.#engine.policy, "command");
      this.#apply(nothing);
    });
    return this.#engine.answer(replies.startTls);
  }

  #hasCertificate(): boolean {
    try {
      return this.#deps.findContext() !== null;
    } catch (error) {
      this.#report(error);
      return false;
    }
  }

  #lose(): void {
    if (this.#wire.isHandshaking)
      this.#deps.tally.note("tls-handshake", this.#engine.session.client.remoteIp);
    for (const event of this.#engine.lost()) this.#handle(event);
    if (!this.#wire.isHeld("store")) this.#reception?.abort();
    this.#deps.transcript?.rest();
  }

  #sample(): Sample {
    const { session } = this.#engine;
    return {
      phase: this.#phase(),
      replies: this.#replies,
      octets: this.#wire.octets,
      transaction: session.transaction === null ? 0 : session.transactions,
      isHeld: this.#wire.isHeld("room"),
    };
  }

  #phase(): Phase {
    if (this.#wire.isClosing) return "closing";
    if (this.#wire.isHandshaking) return "handshake";
    if (this.#wire.isHeld("store")) return "store";
    return this.#engine.isReceiving ? "data" : "command";
  }

  #report(error: unknown): void {
    const { remoteIp } = this.#engine.session.client;
    this.#deps.log(problemEvent(error, this.#deps.now(), { remoteIp }));
  }
}
