import * as z from "zod";
import { sendCanary } from "./canary.ts";

const timeoutMs = 30_000;

const Env = z.object({
  MAILCHUTE_CANARY_ADDRESS: z.email(),
  MAILCHUTE_CANARY_HOST: z.string().min(1),
  MAILCHUTE_CANARY_PORT: z.coerce.number().int().positive(),
});

/** Called on a schedule. That the mail came back is told by the stage that delivers it, to an endpoint of its own. */
export async function handler(): Promise<string> {
  const env = Env.parse(process.env);
  const server = { host: env.MAILCHUTE_CANARY_HOST, port: env.MAILCHUTE_CANARY_PORT };
  const reply = await sendCanary({ server, address: env.MAILCHUTE_CANARY_ADDRESS, timeoutMs }, new Date());
  process.stdout.write(`${JSON.stringify({ canary: reply })}\n`);
  return reply;
}
