import type { Server } from "node:net";
import { StartError } from "./settings.ts";

/** Listens, and gives the real port; rejects with node's own error when the address is not to be had. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

/** Why a port cannot be had, for the person at the terminal. */
export const explainPort = (name: "SMTP" | "SMTPS" | "LMTP" | "HTTP", port: number) => (error: unknown) => {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const variable = `MAILCHUTE_${name}_PORT`;
  if (code === "EADDRINUSE")
    throw new StartError(
      `port ${port} for ${name} is taken: end the program that has it, or set ${variable} to another port, or to 0 for any free one`,
    );
  if (code === "EACCES")
    throw new StartError(
      `port ${port} for ${name} is not for this user: set ${variable} to a port above 1023`,
    );
  throw error;
};
