import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import type { SecureContext } from "node:tls";
import { contains, parseCidr, parseIp } from "../mail/cidr.ts";
import type { Config } from "../mail/config.ts";
import type { RandomBytes } from "../mail/id.ts";
import { judgeRecipient } from "../mail/match.ts";
import type { Clock, Log, ObjectStore } from "../mail/ports.ts";
import { createCensus } from "./census.ts";
import { Connection } from "./connection.ts";
import { problemEvent } from "./events.ts";
import { type ServerLimits, serverLimits } from "./limits.ts";
import { MemoryBudget } from "./memory-budget.ts";
import { protocolLimits } from "./protocol/limits.ts";
import { replies } from "./protocol/reply.ts";
import type { Policy } from "./protocol/session.ts";
import { poolRandom } from "./random-pool.ts";
import { receive } from "./receive.ts";
import { nodeTimers, type Timers } from "./timers.ts";

export interface SmtpServerOptions {
  /** What is spoken; SMTP when left out. */
  readonly protocol?: Policy["protocol"];
  readonly limits?: Partial<ServerLimits>;
}

export interface SmtpServerDeps {
  readonly store: ObjectStore;
  /** The config in force; asked at each connection and for each recipient. */
  readonly config: () => Config;
  /** Asked at each STARTTLS, so a new certificate needs no restart. Left out, STARTTLS is not offered. */
  readonly secureContext?: () => SecureContext | null;
  /** A client that gets 554 in place of a greeting. */
  readonly isClientRefused?: (remoteIp: string) => boolean;
  readonly log: Log;
  readonly now: Clock;
  readonly randomBytes: RandomBytes;
  readonly timers?: Timers;
}

export interface SmtpServer {
  /** Gives the address that it listens on. */
  listen(port: number, host: string): Promise<AddressInfo>;
  /** Takes no new clients, lets messages on their way arrive, and says 421 to everyone else. */
  close(): Promise<void>;
  connections(): number;
}

const tickMs = 1000;

/** The SMTP front end: each accepted message is an object in the store before the client hears 250. */
export function createSmtpServer(options: SmtpServerOptions, deps: SmtpServerDeps): SmtpServer {
  const limits = { ...serverLimits, ...options.limits };
  const { timers = nodeTimers, now } = deps;
  const budget = new MemoryBudget(limits.maxBufferedBytes);
  const receiving = { ...deps, budget, limits, randomBytes: poolRandom(deps.randomBytes) };
  const census = createCensus(limits);
  /** Each with the promise that it is gone. */
  const connections = new Map<Connection, Promise<void>>();

  const accept = (socket: Socket) => {
    const remoteIp = normalizeIp(socket.remoteAddress);
    if (remoteIp === null) return void socket.destroy();
    const leave = census.enter(remoteIp);
    if (leave === null) return refuse(socket);
    socket.on("close", leave);
    const client = { remoteIp, remotePort: socket.remotePort ?? 0, tls: null };
    const connection = new Connection(socket, client, {
      policy: policyFor(remoteIp, options, deps),
      limits,
      receive: (incoming) => receive(incoming, receiving),
      secureContext: deps.secureContext ?? (() => null),
      log: deps.log,
      now,
    });
    const stopGreeting = greetAfter(connection, limits.greetingDelayMs, timers);
    const gone = new Promise<void>((resolve) => {
      socket.on("close", () => {
        stopGreeting();
        connections.delete(connection);
        resolve();
      });
    });
    connections.set(connection, gone);
  };

  const server = createServer({ noDelay: true }, (socket) => {
    try {
      accept(socket);
    } catch (error) {
      deps.log(problemEvent(error, now(), { remoteIp: socket.remoteAddress ?? null }));
      socket.destroy();
    }
  });
  const all = () => [...connections.keys()];
  const stopTicking = timers.every(tickMs, () => {
    for (const connection of all()) connection.tick(now());
  });
  return {
    listen: (port, host) => listen(server, port, host),
    connections: () => connections.size,
    close: async () => {
      server.close();
      for (const connection of all()) connection.drain();
      const cancel = timers.after(limits.stopMs, () => {
        for (const connection of all()) connection.destroy();
      });
      await Promise.all(connections.values());
      cancel();
      stopTicking();
    },
  };
}

function policyFor(
  remoteIp: string,
  { protocol = "smtp" }: SmtpServerOptions,
  { config, secureContext, isClientRefused }: SmtpServerDeps,
): Policy {
  const { hostname, limits, smtp } = config();
  const ip = parseIp(remoteIp);
  const isExempt = smtp.bareNewlinesFlaggedFrom.some((network) => {
    const cidr = parseCidr(network);
    return cidr !== null && ip !== null && contains(cidr, ip);
  });
  return {
    protocol,
    hostname,
    limits: { ...protocolLimits, ...limits },
    canStartTls: secureContext !== undefined,
    bareNewlines: isExempt ? "flag" : smtp.bareNewlines,
    isClientRefused: isClientRefused?.(remoteIp) ?? false,
    judgeRecipient: (facts) => judgeRecipient(facts, config()),
  };
}

/** An IPv4 client of a dual-stack listener is an IPv4 client. Null when the socket is gone. */
function normalizeIp(address: string | undefined): string | null {
  return address?.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "") ?? null;
}

function refuse(socket: Socket): void {
  socket.on("error", () => undefined);
  socket.end(replies.tooManyConnections.wire, "latin1", () => socket.destroy());
}

function greetAfter(connection: Connection, delayMs: number, timers: Timers): () => void {
  if (delayMs > 0) return timers.after(delayMs, () => connection.greet());
  connection.greet();
  return () => undefined;
}

async function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  await once(server.listen(port, host), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no address");
  return address;
}
