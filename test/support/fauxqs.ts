import { buildApp } from "fauxqs";

export interface Emulator {
  /** Where S3, SQS and what else there is answer. */
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Starts fauxqs in this process, on a free port of loopback (its own starter listens to every network). */
export async function startFauxqs(): Promise<Emulator> {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ host: "127.0.0.1", port: 0 });
  return { endpoint, close: async () => app.close() };
}
