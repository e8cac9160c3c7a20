import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";
import { listen } from "../../infra/local/listen.ts";

export interface Received {
  readonly webhookId: string;
  readonly body: { readonly type: string; readonly data: { readonly id: string } & Record<string, unknown> };
}

export interface WebhookReceiver {
  readonly url: string;
  /** Every good delivery, in order, repeats included. */
  readonly received: readonly Received[];
  /** Deliveries whose signature was wrong. */
  readonly forged: number;
  /** What to answer from now on. */
  answer: number;
  /** The secret of the endpoint, once it is known. */
  secret: string | null;
  /** Resolves when `isDone` holds, asked after each delivery. */
  until(isDone: (received: readonly Received[]) => boolean): Promise<void>;
  close(): Promise<void>;
}

/** A webhook endpoint on loopback that verifies with the `standardwebhooks` package and keeps what it got. */
export async function startReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = [];
  let waiting: (() => void)[] = [];
  const state: { answer: number; secret: string | null; forged: number } = {
    answer: 204,
    secret: null,
    forged: 0,
  };
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request)).toString();
    if (state.secret !== null && !isGenuine(state.secret, body, request.headers)) state.forged += 1;
    else if (state.answer < 300)
      received.push({ webhookId: String(request.headers["webhook-id"]), body: JSON.parse(body) });
    response.writeHead(state.answer).end();
    for (const wake of waiting.splice(0)) wake();
  });
  const port = await listen(server, "127.0.0.1", 0);
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    until: async (isDone: (received: readonly Received[]) => boolean) => {
      while (!isDone(received)) {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting = [...waiting, resolve];
        await promise;
      }
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function isGenuine(
  secret: string,
  body: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): boolean {
  const required = ["webhook-id", "webhook-timestamp", "webhook-signature"];
  try {
    new Webhook(secret).verify(
      body,
      Object.fromEntries(required.map((name) => [name, String(headers[name])])),
    );
    return true;
  } catch {
    return false;
  }
}
