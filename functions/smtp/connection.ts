import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import type { Clock, Log } from "../mail/ports.ts";
import type { StageEvent } from "../mail/stage-event.ts";
import { judgeWatch, observe, type Phase, type Sample, startWatch, type Watch } from "./deadlines.ts";
import { problemEvent, smtpEvent } from "./events.ts";
import type { ServerLimits } from "./limits.ts";
import type { Findings } from "./protocol/data-decoder.ts";
import { Engine } from "./protocol/engine.ts";
import type { EngineEvent, Refused } from "./protocol/engine-event.ts";
import { describeReply, type Reply, replies } from "./protocol/reply.ts";
import type { Client, Policy } from "./protocol/session.ts";
import type { Incoming, Reception } from "./receive.ts";

export interface ConnectionDeps {
  readonly policy: Policy;
  readonly limits: ServerLimits;
  /** Begins a message; null when there is no memory for one. */
  readonly receive: (incoming: Incoming) => Reception | null;
  /** What TLS speaks with; null, or a throw, when there is nothing. */
  readonly secureContext: () => SecureContext | null;
  readonly log: Log;
  readonly now: Clock;
}

/** Why a socket is not read: the store has not answered, there is no room, the client does not read. */
type Hold = "store" | "room" | "client";

const nothing: readonly EngineEvent[] = [];

/** One client: carries octets between its socket and the engine, with one write for each read. */
export class Connection {
  readonly #deps: ConnectionDeps;
  #socket: Socket;
  #client: Client;
  #engine: Engine;
  #reception: Reception | null = null;
  #secureContext: SecureContext | null = null;
  #out = "";
  #replies = 0;
  #octets = 0;
  #isHandshaking = false;
  #isClosing = false;
  #isDraining = false;
  readonly #holds = new Set<Hold>();
  #watch: Watch;

  constructor(socket: Socket, client: Client, deps: ConnectionDeps) {
    this.#socket = socket;
    this.#client = client;
    this.#deps = deps;
    this.#engine = new Engine(client, deps.policy);
    this.#watch = startWatch(this.#sample(), deps.now());
    this.#listen(socket);
    socket.on("close", () => this.#lose());
  }

  greet(): void {
    this.#apply(this.#engine.greet());
  }

  /** Called every second. */
  tick(nowMs: number): void {
    const { limits } = this.#deps;
    this.#reception?.tick(nowMs);
    this.#watch = observe(this.#watch, this.#sample(), nowMs, limits);
    const verdict = judgeWatch(this.#watch, nowMs, limits);
    if (verdict?.kind === "destroy") this.destroy();
    if (verdict?.kind === "refuse") this.#apply(this.#engine.shutDown(verdict.reply));
  }

  /** Ends the session as soon as no message is on its way. */
  drain(): void {
    this.#isDraining = true;
    if (!this.#engine.isReceiving) this.#apply(this.#engine.shutDown(replies.shuttingDown));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on("data", (octets: Buffer) => this.#read(octets));
    socket.on("drain", () => this.#release("client"));
    // Whatever it was, "close" follows, and says enough.
    socket.on("error", () => undefined);
  }

  #read(octets: Buffer): void {
    this.#octets += octets.length;
    try {
      this.#apply(this.#engine.feed(octets));
    } catch (error) {
      this.#fail(error);
    }
    // Not before: most clients wait for their reply anyway, and need not be stopped.
    if (this.#holds.size > 0) this.#socket.pause();
  }

  /** A bug in this program must cost one session, not a thousand. */
  #fail(error: unknown): void {
    this.#report(error);
    this.destroy();
  }

  #apply(first: readonly EngineEvent[]): void {
    for (let events = first; events.length > 0; ) {
      let next = nothing;
      // An ask is always the last event, so at most one of them has a sequel.
      for (const event of events) next = this.#handle(event);
      events = next;
    }
    if (this.#isDraining && !this.#engine.isReceiving && !this.#isClosing) {
      for (const event of this.#engine.shutDown(replies.shuttingDown)) this.#handle(event);
    }
    this.#flush();
  }

  /** Gives what follows at once. */
  #handle(event: EngineEvent): readonly EngineEvent[] {
    switch (event.kind) {
      case "reply":
        this.#out += event.reply.wire;
        this.#replies++;
        return nothing;
      case "begin":
        return this.#begin(event);
      case "message":
        if (this.#reception?.write(event.octets) === false) this.#hold("room");
        return nothing;
      case "discard":
        this.#reception?.abort();
        this.#release("room");
        return nothing;
      case "end":
        this.#finish(event.findings);
        return nothing;
      case "refused":
        this.#deps.log(this.#refusedEvent(event));
        return nothing;
      case "start-tls":
        this.#secureContext = this.#findContext();
        return this.#engine.answer(this.#secureContext === null ? replies.tlsUnavailable : replies.startTls);
      case "close":
        this.#isClosing = true;
        return nothing;
    }
  }

  #begin({ envelope, greeting, refusedRecipients }: EngineEvent & { kind: "begin" }): readonly EngineEvent[] {
    const { policy, receive } = this.#deps;
    const proceed = () => this.#release("room");
    const { hostname } = policy;
    this.#reception = receive({ hostname, envelope, greeting, refusedRecipients, proceed });
    return this.#engine.answer(this.#reception === null ? replies.outOfMemory : replies.startData);
  }

  #finish(findings: Findings): void {
    this.#hold("store");
    const answer = (reply: Reply) => {
      this.#apply(this.#engine.answer(reply));
      this.#release("room");
      this.#release("store");
    };
    const finished = this.#reception?.finish(findings) ?? Promise.resolve(replies.storeFailed);
    finished.then(answer).catch((error: unknown) => this.#fail(error));
  }

  #flush(): void {
    const socket = this.#socket;
    const out = this.#out;
    this.#out = "";
    const context = this.#secureContext;
    if (context !== null) {
      this.#secureContext = null;
      this.#isHandshaking = true;
      socket.removeAllListeners("data").pause();
      socket.write(out, "latin1", () => this.#secure(context));
    } else if (this.#isClosing) {
      // What still comes is read and let go, so that a reset does not overtake the last reply.
      this.#holds.clear();
      socket.resume();
      socket.end(out, "latin1");
    } else if (out !== "" && !socket.write(out, "latin1")) this.#hold("client");
  }

  /** RFC 3207: the handshake, and then a new engine that knows nothing of what was said in the clear. */
  #secure(secureContext: SecureContext): void {
    if (this.#socket.destroyed) return;
    const secure = new TLSSocket(this.#socket, { isServer: true, secureContext });
    this.#socket = secure;
    this.#listen(secure);
    secure.on("secure", () => {
      const tls = { version: secure.getProtocol() ?? "", cipher: secure.getCipher().standardName };
      this.#client = { ...this.#client, tls };
      this.#engine = new Engine(this.#client, this.#deps.policy, "command");
      this.#isHandshaking = false;
    });
  }

  #findContext(): SecureContext | null {
    try {
      return this.#deps.secureContext();
    } catch (error) {
      this.#report(error);
      return null;
    }
  }

  #lose(): void {
    for (const event of this.#engine.lost()) this.#handle(event);
    if (!this.#holds.has("store")) this.#reception?.abort();
  }

  #hold(why: Hold): void {
    this.#holds.add(why);
  }

  #release(why: Hold): void {
    if (this.#holds.delete(why) && this.#holds.size === 0 && this.#socket.isPaused()) this.#socket.resume();
  }

  #sample(): Sample {
    const isHeld = this.#holds.has("room");
    const { transaction } = this.#engine;
    return { phase: this.#phase(), replies: this.#replies, octets: this.#octets, transaction, isHeld };
  }

  #phase(): Phase {
    if (this.#isClosing) return "closing";
    if (this.#isHandshaking) return "handshake";
    if (this.#holds.has("store")) return "store";
    return this.#engine.isReceiving ? "data" : "command";
  }

  #refusedEvent({ envelope, refusedRecipients, sizeBytes, reply }: Refused): StageEvent {
    const nowMs = this.#deps.now();
    const startedMs = this.#reception?.startedMs ?? nowMs;
    const detail = { sizeBytes, reply: reply === null ? "connection lost" : describeReply(reply) };
    return smtpEvent({ id: null, outcome: "refused", envelope, refusedRecipients, startedMs, nowMs, detail });
  }

  #report(error: unknown): void {
    const { log, now } = this.#deps;
    log(problemEvent(error, now(), { remoteIp: this.#client.remoteIp }));
  }
}
