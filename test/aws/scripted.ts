/** A server that answers as told and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface HttpAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** The connection ends with one byte of the body still to come. */
  readonly isBrokenOff?: boolean;
}

/** "reset" breaks the connection off; "silence" never answers. */
export type Answer = HttpAnswer | "reset" | "silence";

export interface Scripted {
  readonly endpoint: string;
  readonly asked: readonly Asked[];
  readonly connections: () => number;
  close(): Promise<void>;
}

/** `answer` is told what is asked and how often anything was asked before. */
export async function startScripted(answer: (asked: Asked, count: number) => Answer): Promise<Scripted> {
  const asked: Asked[] = [];
  let connections = 0;
  const server = createServer(async (request, response: ServerResponse) => {
    const body = Buffer.concat(await request.toArray());
    const { method = "", url = "", headers } = request;
    const one = { method, url, headers, body };
    const answered = answer(one, asked.push(one) - 1);
    if (answered === "reset") request.socket.resetAndDestroy();
    else if (answered !== "silence") send(answered, response);
  });
  server.on("connection", () => connections++);
  const address = await new Promise<AddressInfo | string | null>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(server.address()));
  });
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    asked,
    connections: () => connections,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(
  { status = 200, headers, body = "", isBrokenOff = false }: HttpAnswer,
  response: ServerResponse,
) {
  const length = Buffer.byteLength(body) + (isBrokenOff ? 1 : 0);
  response.writeHead(status, { ...(status === 204 ? {} : { "content-length": String(length) }), ...headers });
  if (isBrokenOff) response.write(body, () => response.destroy());
  else response.end(body);
}
