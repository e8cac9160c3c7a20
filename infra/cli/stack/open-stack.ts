/** A deployed stack behind the API of `npm start`, on a port of loopback of this process: commands see no difference. */
import { setTimeout as afterMs } from "node:timers/promises";
import { createConfigReader } from "../../../functions/aws/config.ts";
import { type Deployed, openDeployed } from "../../../functions/aws/deployed.ts";
import { describeError } from "../../../functions/mail/errors.ts";
import type { Resolve } from "../../../functions/mail/ports.ts";
import { createResolver } from "../../../functions/validate/dns.ts";
import { createHttpServer } from "../../local/http/server.ts";
import { listen } from "../../local/listen.ts";
import { type Api, createApi } from "../api.ts";
import { CommandError, exitCodes } from "../exit.ts";
import { createStackInspector } from "./stack-inspector.ts";
import { stackOperations } from "./stack-operations.ts";

export interface OpenStack {
  readonly api: Api;
  close(): Promise<void>;
}

/** How often the logs are asked while a command goes on. */
const followEveryMs = 10_000;

/** Opens the stack of this name, with the events that were logged since then. */
export async function openStack(name: string, fromMs: number): Promise<OpenStack> {
  const deployed = await openDeployed(name, process.env).catch((cause) => {
    throw new CommandError(
      exitCodes.unreachable,
      `${describeError(cause)}; region and credentials come from where the AWS CLI finds them, such as AWS_PROFILE`,
      { cause },
    );
  });
  if (deployed === null)
    throw new CommandError(exitCodes.no, `there is no stack ${name} of Mailchute in this account and region`);
  return serveStack(deployed, { fromMs, resolve: createResolver({ now: Date.now }) });
}

export async function serveStack(
  deployed: Deployed,
  { fromMs, resolve }: { readonly fromMs: number; readonly resolve: Resolve },
): Promise<OpenStack> {
  const { store, now } = deployed;
  const problems: string[] = [];
  const report = (problem: string) => void problems.push(problem);
  const config = await createConfigReader({ store, report, now })();
  const inspector = createStackInspector(deployed, { config: () => config, resolve, fromMs });
  await inspector.refresh();
  const onBug = (error: unknown) => void process.stderr.write(`error: ${describeError(error)}\n`);
  const server = createHttpServer(stackOperations(inspector, deployed), onBug);
  const port = await listen(server, "127.0.0.1", 0);
  const ending = new AbortController();
  const following = follow(inspector.refresh, ending.signal);
  return {
    api: createApi(`http://127.0.0.1:${port}`),
    close: async () => {
      ending.abort();
      await following;
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function follow(refresh: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await afterMs(followEveryMs, undefined, { signal }).catch(() => undefined);
    // An answer that does not come is asked for again.
    if (!signal.aborted) await refresh().catch(() => undefined);
  }
}
