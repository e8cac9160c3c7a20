import * as http from "node:http";
import * as https from "node:https";
import type { ConnectPut, OutgoingPut } from "./put.ts";

/** In a Lambda a PUT's CPU matters less than the half megabyte of undici that each cold start would load. */
export const connectByNode: ConnectPut = ({ origin, isTls }, limits) => {
  const { Agent, request } = isTls ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: limits.connectionsMax });
  return {
    send: async ({ path, headers, body, signal }) => {
      const timeout = limits.stallTimeoutMs;
      const outgoing = request(origin, { method: "PUT", path, headers, agent, timeout });
      const abort = () => outgoing.destroy(new Error("given up"));
      signal.once("abort", abort);
      try {
        const answer = await exchange(outgoing, body, limits.connectTimeoutMs);
        return await read(answer, limits.answerMaxBytes);
      } finally {
        signal.off("abort", abort);
      }
    },
    close: async () => agent.destroy(),
  };
};

/** Sends the body, and waits for the head of the answer. */
function exchange(
  outgoing: http.ClientRequest,
  body: OutgoingPut["body"],
  connectTimeoutMs: number,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    // For good: what goes wrong after the answer has come is no unhandled error.
    outgoing.on("error", reject).on("response", resolve);
    outgoing.on("timeout", () => outgoing.destroy(new Error("the store says nothing")));
    outgoing.on("socket", (socket) => {
      if (!socket.connecting) return;
      const timer = setTimeout(() => outgoing.destroy(new Error("no connection")), connectTimeoutMs);
      const stop = () => clearTimeout(timer);
      socket.once("connect", stop).once("close", stop);
    });
    if (body instanceof Uint8Array) outgoing.end(body);
    else {
      for (const chunk of body) outgoing.write(chunk);
      outgoing.end();
    }
  });
}

async function read(answer: http.IncomingMessage, maxBytes: number) {
  const { statusCode: status = 0, headers } = answer;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of answer) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new Error(`an answer of more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return { status, etag: String(headers.etag), text: Buffer.concat(chunks).toString() };
}
