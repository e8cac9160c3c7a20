import type { Socket } from "node:net";
import { isOfSomeNetwork } from "../mail/cidr.ts";
import type { Config } from "../mail/config.ts";
import type { RandomBytes } from "../mail/id.ts";
import { judgeRecipient } from "../mail/match.ts";
import type { Clock, Log, ObjectStore, Resolve } from "../mail/ports.ts";
import type { SmtpSection } from "../mail/smtp-section.ts";
import { findClient, type Protocol, shakeHands } from "./arrival.ts";
import { createCensus } from "./census.ts";
import { type ClientNames, lookUp, noNames } from "./client-names.ts";
import { Connection, type ConnectionDeps } from "./connection.ts";
import { type Authenticate, createAuthenticate } from "./credentials.ts";
import { createTally, type Defence } from "./defences.ts";
import { problemEvent } from "./events.ts";
import type { ServerLimits } from "./limits.ts";
import { MemoryBudget } from "./memory-budget.ts";
import { protocolLimits } from "./protocol/limits.ts";
import { type Reply, replies } from "./protocol/reply.ts";
import type { Client, Policy } from "./protocol/session.ts";
import { poolRandom } from "./random-pool.ts";
import { type ReceiveDeps, receive } from "./receive.ts";
import type { Timers } from "./timers.ts";
import type { FindContext } from "./tls-socket.ts";
import { type KeepTranscript, Transcript } from "./transcript.ts";

export interface GuestsDeps {
  readonly store: ObjectStore;
  /** The config in force; asked at each connection and for each recipient. */
  readonly config: () => Config;
  /** Asked at each handshake, so a new certificate needs no restart. Left out, STARTTLS is not offered. */
  readonly secureContext?: FindContext;
  /** Left out, nothing is asked about clients. */
  readonly resolve?: Resolve;
  readonly log: Log;
  readonly now: Clock;
  readonly randomBytes: RandomBytes;
  readonly timers: Timers;
  /** Takes what was said in each transaction. Left out, nothing is written down. */
  readonly keepTranscript?: KeepTranscript;
}

interface Guest {
  /** Null until the greeting is due. */
  connection: Connection | null;
  readonly gone: Promise<void>;
}

/** All who are connected, from their arrival until they are gone. */
export class Guests {
  readonly #limits: ServerLimits;
  readonly #deps: GuestsDeps;
  readonly #receiving: ReceiveDeps;
  readonly #census;
  readonly #tally;
  readonly #authenticate: Authenticate;
  readonly #guests = new Map<Socket, Guest>();

  constructor(limits: ServerLimits, deps: GuestsDeps) {
    this.#limits = limits;
    this.#deps = deps;
    const budget = new MemoryBudget(limits.maxBufferedBytes);
    this.#receiving = { ...deps, budget, limits, randomBytes: poolRandom(deps.randomBytes) };
    this.#census = createCensus(deps.now);
    this.#tally = createTally(deps);
    this.#authenticate = createAuthenticate(
      () => deps.config().smtp.users,
      (error) => deps.log(problemEvent(error, deps.now(), {})),
    );
  }

  get size(): number {
    return this.#guests.size;
  }

  welcome(socket: Socket, protocol: Protocol): void {
    // Whatever it was, "close" follows, and says enough.
    socket.on("error", () => undefined);
    this.#letIn(socket, protocol).catch((error: unknown) => {
      const { log, now } = this.#deps;
      log(problemEvent(error, now(), { remoteIp: socket.remoteAddress ?? null }));
      socket.destroy();
    });
  }

  /** Called every second. */
  tick(nowMs: number): void {
    for (const { connection } of this.#guests.values()) connection?.tick(nowMs);
    this.#tally.flush();
  }

  /** Says 421 to everyone, and after their message to those who send one; resolves when all are gone. */
  async drain(): Promise<void> {
    for (const [socket, { connection }] of this.#guests) {
      if (connection === null) socket.destroy();
      else connection.drain();
    }
    await Promise.all([...this.#guests.values()].map(({ gone }) => gone));
  }

  destroy(): void {
    for (const socket of this.#guests.keys()) socket.destroy();
  }

  async #letIn(socket: Socket, protocol: Protocol): Promise<void> {
    const { smtp } = this.#deps.config();
    const isTls = protocol === "smtps";
    if (this.size >= this.#limits.connectionsMax) {
      return this.#turnAway(socket, replies.tooManyConnections, !isTls && smtp.proxyFrom.length === 0);
    }
    const guest = this.#add(socket);
    const within = this.#deadline(socket, smtp);
    const address = await within("proxy-header", findClient(socket, smtp.proxyFrom));
    if (address === null) return;
    const visit = this.#census.enter(address.remoteIp, smtp);
    if (visit.kind === "refused") return this.#turnAway(socket, visit.reply, !isTls);
    socket.on("close", visit.leave);
    const { secureContext = () => null } = this.#deps;
    const arrival = isTls
      ? await within("tls-handshake", shakeHands(socket, secureContext))
      : { socket, tls: null };
    if (arrival === null) return;
    const names = visit.isExempt ? noNames : await this.#name(address.remoteIp, smtp);
    if (socket.destroyed) return;
    const client = { ...address, ...names, tls: arrival.tls };
    const canXclient = isOfSomeNetwork(smtp.xclientFrom, address.remoteIp);
    const policyOf = (who: Client) => ({ ...policyFor(who, protocol, this.#deps), canXclient });
    guest.connection = this.#connect(arrival.socket, client, {
      policy: policyOf(client),
      visit,
      identify: async (who) => {
        const named = { ...who, ...(await this.#name(who.remoteIp, smtp)) };
        return { client: named, policy: policyOf(named) };
      },
    });
    this.#greet(socket, guest.connection, visit.isExempt ? 0 : smtp.greetingDelayMs);
  }

  #add(socket: Socket): Guest {
    const gone = Promise.withResolvers<void>();
    const guest: Guest = { connection: null, gone: gone.promise };
    this.#guests.set(socket, guest);
    socket.on("close", () => {
      this.#guests.delete(socket);
      gone.resolve();
    });
    return guest;
  }

  /** For what a client must do before it is greeted. Null comes of a client that does otherwise, or is too slow. */
  #deadline(socket: Socket, { deadlines }: SmtpSection) {
    return async <Result>(defence: Defence, step: Promise<Result | null>): Promise<Result | null> => {
      const cancel = this.#deps.timers.after(deadlines.tlsHandshakeSeconds * 1000, () => socket.destroy());
      const result = await step;
      cancel();
      if (result !== null) return result;
      this.#tally.note(defence, socket.remoteAddress ?? "");
      socket.destroy();
      return null;
    };
  }

  /** Before the balancer's header, and before TLS, there is nobody to speak to. */
  #turnAway(socket: Socket, reply: Reply, canSpeak: boolean): void {
    this.#tally.noteReply(reply, socket.remoteAddress ?? "");
    if (canSpeak) socket.end(reply.wire, "latin1", () => socket.destroy());
    else socket.destroy();
  }

  async #name(remoteIp: string, { dns }: SmtpSection): Promise<ClientNames> {
    const { resolve, timers } = this.#deps;
    const isAsked = dns.reverseName || dns.blockLists.length > 0;
    return resolve === undefined || !isAsked ? noNames : lookUp(remoteIp, dns, { resolve, timers });
  }

  #connect(
    socket: Socket,
    client: Client,
    rules: Pick<ConnectionDeps, "policy" | "visit" | "identify">,
  ): Connection {
    const { config, now, secureContext, keepTranscript } = this.#deps;
    const transcript = keepTranscript === undefined ? null : new Transcript(keepTranscript, now);
    const log = transcript?.watch(this.#deps.log) ?? this.#deps.log;
    const receiving = transcript === null ? this.#receiving : { ...this.#receiving, log };
    return new Connection(socket, client, {
      ...rules,
      transcript,
      smtp: config().smtp,
      receive: (incoming) => receive(incoming, receiving),
      findContext: secureContext ?? (() => null),
      authenticate: this.#authenticate,
      tally: this.#tally,
      log,
      now,
    });
  }

  #greet(socket: Socket, connection: Connection, delayMs: number): void {
    if (delayMs === 0) connection.greet();
    else
      socket.on(
        "close",
        this.#deps.timers.after(delayMs, () => connection.greet()),
      );
  }
}

function policyFor(
  { remoteIp, blockLists }: Client,
  protocol: Protocol,
  deps: GuestsDeps,
): Omit<Policy, "canXclient"> {
  const { hostname, limits, smtp } = deps.config();
  return {
    protocol: protocol === "lmtp" ? "lmtp" : "smtp",
    hostname,
    limits: { ...protocolLimits, ...limits, commandFailuresMax: smtp.failures.max },
    canStartTls: deps.secureContext !== undefined,
    canAuthenticate: Object.keys(smtp.users).length > 0,
    bareNewlines: isOfSomeNetwork(smtp.bareNewlinesFlaggedFrom, remoteIp) ? "flag" : smtp.bareNewlines,
    isTranscribed: deps.keepTranscript !== undefined,
    isClientRefused: blockLists.length > 0 && smtp.dns.blockListed === "reject",
    judgeRecipient: (facts) => judgeRecipient(facts, deps.config()),
  };
}
