import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { createServer } from "node:net";
import type { Protocol } from "./arrival.ts";
import { Guests, type GuestsDeps } from "./guests.ts";
import { type ServerLimits, serverLimits } from "./limits.ts";
import { nodeTimers, type Timers } from "./timers.ts";

export interface SmtpServerOptions {
  readonly limits?: Partial<ServerLimits>;
}

export interface SmtpServerDeps extends Omit<GuestsDeps, "timers"> {
  readonly timers?: Timers;
}

export interface SmtpServer {
  /** Gives the address that it listens on; may be called for several. */
  listen(port: number, host: string, protocol?: Protocol): Promise<AddressInfo>;
  /** Takes no new clients, lets messages on their way arrive, and says 421 to everyone else. */
  close(): Promise<void>;
  connections(): number;
}

const tickMs = 1000;

/** The SMTP front end: each accepted message is an object in the store before the client hears 250. */
export function createSmtpServer(options: SmtpServerOptions, deps: SmtpServerDeps): SmtpServer {
  const limits = { ...serverLimits, ...options.limits };
  const { timers = nodeTimers, now } = deps;
  const guests = new Guests(limits, { ...deps, timers });
  const servers: Server[] = [];
  const stopTicking = timers.every(tickMs, () => guests.tick(now()));
  return {
    listen: (port, host, protocol = "smtp") => {
      const server = createServer({ noDelay: true }, (socket) => guests.welcome(socket, protocol));
      servers.push(server);
      return listen(server, port, host);
    },
    connections: () => guests.size,
    close: async () => {
      for (const server of servers) server.close();
      const cancel = timers.after(limits.stopMs, () => guests.destroy());
      await guests.drain();
      cancel();
      stopTicking();
      guests.tick(now());
    },
  };
}

async function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  await once(server.listen(port, host), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no address");
  return address;
}
