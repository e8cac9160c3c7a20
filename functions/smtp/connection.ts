import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { describeError } from "../mail/errors.ts";
import type { Clock, Log } from "../mail/ports.ts";
import { judgeWatch, observe, type Phase, type Sample, startWatch, type Watch } from "./deadlines.ts";
import { messageDetail, smtpEvent } from "./events.ts";
import type { ServerLimits } from "./limits.ts";
import { Engine, type EngineEvent, type Refused } from "./protocol/engine.ts";
import { type Reply, replies } from "./protocol/reply.ts";
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
  /** Why the socket is not read: the store has not answered, there is no room, the client does not read. */
  readonly #holds = new Set<"store" | "room" | "client">();
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
    socket.on("drain", () => this.#let("client"));
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
  }

  /** A bug in this program must cost one session, not a thousand. */
  #fail(error: unknown): void {
    const { log, now } = this.#deps;
    const at = new Date(now()).toISOString();
    const { remoteIp } = this.#client;
    log({ at, stage: "smtp", id: null, outcome: "again", durationMs: 0, detail: { reason: describeError(error), remoteIp } });
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
      case "begin": {
        const { policy, receive } = this.#deps;
        this.#reception = receive({ ...event, hostname: policy.hostname, proceed: () => this.#let("room") });
        return this.#engine.answer(this.#reception === null ? replies.outOfMemory : replies.startData);
      }
      case "message":
        if (this.#reception?.write(event.octets) === false) this.#hold("room");
        return nothing;
      case "discard":
        this.#forget();
        return nothing;
      case "end":
        return nothing;
      case "refused":
        this.#deps.log(this.#refusedEvent(event));
        return nothing;
      case "start-tls":
        return nothing;
      case "close":
        this.#isClosing = true;
        return nothing;
    }
  }
}
