import { createServer } from "node:http";
import { listen } from "../../../infra/local/listen.ts";

export interface Receiver {
  readonly url: string;
  /** When the mail of that number first came, by `performance.now()`. */
  readonly arrivedMs: ReadonlyMap<number, number>;
  /** 0 before the first. */
  lastArrivedMs(): number;
  close(): void;
}

/** A webhook endpoint that answers 204 at once, and knows a mail by the `bench-<number>` in its subject. */
export async function startReceiver(): Promise<Receiver> {
  const arrivedMs = new Map<number, number>();
  let lastMs = 0;
  const server = createServer(async (request, response) => {
    const atMs = performance.now();
    const body = Buffer.concat(await Array.fromAsync(request)).toString("latin1");
    lastMs = atMs;
    const number = Number(/bench-(\d+)/.exec(body)?.[1]);
    if (!arrivedMs.has(number)) arrivedMs.set(number, atMs);
    response.writeHead(204).end();
  });
  const port = await listen(server, "127.0.0.1", 0);
  return {
    url: `http://127.0.0.1:${port}/hook`,
    arrivedMs,
    lastArrivedMs: () => lastMs,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
