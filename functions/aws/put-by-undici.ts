/** The only importer of undici: the front end's throughput is decided by what a PUT costs. */
import { type Dispatcher, Pool } from "undici";
import type { ConnectPut } from "./put.ts";

export const connectByUndici: ConnectPut = (
  { origin },
  { connectionsMax, connectTimeoutMs, stallTimeoutMs, answerMaxBytes },
) => {
  const pool = new Pool(origin, {
    connections: connectionsMax,
    connect: { timeout: connectTimeoutMs },
    headersTimeout: stallTimeoutMs,
    bodyTimeout: stallTimeoutMs,
    maxResponseSize: answerMaxBytes,
    allowH2: false,
  });
  return {
    send: async ({ path, headers, body: bytes, signal }) => {
      const options: Dispatcher.RequestOptions = { path, headers, signal, method: "PUT" };
      // undici writes out any iterable as it is, though its types ask for a stream, which costs more.
      Object.assign(options, { body: bytes });
      const { statusCode: status, headers: answered, body } = await pool.request(options);
      const etag = String(answered["etag"]);
      if (status !== 200) return { status, etag, text: await body.text() };
      await body.dump();
      return { status, etag, text: "" };
    },
    close: async () => pool.destroy(),
  };
};
