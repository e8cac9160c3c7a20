import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type LookupFunction, type Server, type Socket } from "node:net";
import type { PostRequest } from "../../functions/mail/ports.ts";

export interface Listening extends AsyncDisposable {
  readonly port: number;
}

/** Listens on loopback; at the end every connection is cut. */
export async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const serve = (onRequest: RequestListener) => listen(createServer(onRequest));

export const serveTcp = (onSocket: (socket: Socket) => void) => listen(createTcpServer(onSocket));

/** A port that was free a moment ago. */
export async function findClosedPort(): Promise<number> {
  await using server = await serveTcp(() => undefined);
  return server.port;
}

export const requestTo = (url: string, changes: Partial<PostRequest> = {}): PostRequest => ({
  url,
  headers: { "content-type": "application/json", "webhook-id": "msg_1" },
  body: '{"a":"ü"}',
  timeoutMs: 5_000,
  allowPrivateAddress: true,
  ...changes,
});

/** A lookup whose answers come from a list, one for each question, the last for all further ones; it keeps what it was asked. */
export function lookupOf(...answers: readonly string[][]) {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, _, callback) => {
    const addresses = answers[Math.min(asked.push(hostname), answers.length) - 1] ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  return { lookup, asked };
}
