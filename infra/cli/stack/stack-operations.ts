/** The operations of the API that a deployed stack offers. */
import * as z from "zod";
import { configKey } from "../../../functions/aws/config.ts";
import type { Deployed } from "../../../functions/aws/deployed.ts";
import { redrive } from "../../../functions/aws/redrive.ts";
import type { Config } from "../../../functions/mail/config.ts";
import { canaryName, withCanary } from "../../../functions/publish/with-canary.ts";
import { json, problem } from "../../local/http/answer.ts";
import { apiOperations } from "../../local/http/api/api.ts";
import { configOperations } from "../../local/http/api/config-operations.ts";
import { RedriveAll, toRedrive } from "../../local/http/api/schemas.ts";
import { noQuery, type Operation, operation } from "../../local/http/operation.ts";
import { deadLetterQueueName, pipeline } from "../../pipeline.ts";
import type { StackInspector } from "./stack-inspector.ts";

const shared: ReadonlySet<string> = new Set([
  "GET /api/v1/messages",
  "GET /api/v1/messages/{id}",
  "GET /api/v1/wait",
  "GET /api/v1/events",
  "POST /api/v1/messages/{id}/replay",
  "POST /api/v1/replay",
  "POST /api/v1/explain",
  "GET /api/v1/status",
  "GET /api/v1/config",
]);

const Stage = z.enum(pipeline.map(({ stage }) => stage));

export function stackOperations(inspector: StackInspector, deployed: Deployed): readonly Operation[] {
  const { queue, now, rotateSecret } = deployed;
  return [
    ...apiOperations(inspector).filter(({ method, path }) => shared.has(`${method} ${path}`)),
    operation({
      method: "POST",
      path: "/api/v1/queues/{stage}/redrive",
      summary: "Puts all dead letters back into the stage's queue",
      query: noQuery,
      body: RedriveAll,
      result: z.object({ redriven: z.number() }),
      handle: async ({ params, body }) => {
        const stage = Stage.safeParse(params["stage"]);
        if (!stage.success) return problem(404, "there is no such stage");
        const deadLetters = queue(deadLetterQueueName(stage.data));
        const { max, untilMs = now() } = toRedrive(body);
        return json({ redriven: await redrive(deadLetters, queue(stage.data), { max, untilMs }) });
      },
    }),
    ...configOperations({
      summary: "Puts a config into the bucket, where it is in force within half a minute",
      put: async (config) => {
        const inForce = inspector.config.source();
        const unfit = findUnfit(config, inForce);
        if (unfit === null) await putConfig(config, inForce, deployed);
        return unfit;
      },
      rotateSecret: async (endpoint) => {
        if (!isWebhook(inspector.config.source(), endpoint)) return "there is no such webhook";
        await rotateSecret(endpoint);
        return null;
      },
    }),
  ];
}

const isWebhook = ({ endpoints }: Config, name: string) => {
  const endpoint = Object.hasOwn(endpoints, name) ? endpoints[name] : undefined;
  return endpoint !== undefined && "url" in endpoint;
};

/** Rights, and secrets, are made by `cdk deploy` alone: a config that needs others would end as dead letters. */
function findUnfit(config: Config, inForce: Config): string | null {
  for (const [name, endpoint] of Object.entries(config.endpoints)) {
    const known = Object.hasOwn(inForce.endpoints, name) ? inForce.endpoints[name] : undefined;
    if ("sink" in endpoint) return `endpoint ${name} is the built-in sink, which npm start alone has`;
    if ("url" in endpoint ? known !== undefined && "url" in known : sameTarget(endpoint, known)) continue;
    return `endpoint ${name} is new: npx cdk deploy makes its secret and its rights`;
  }
  return null;
}

const sameTarget = (endpoint: Config["endpoints"][string], known: Config["endpoints"][string] | undefined) =>
  known !== undefined && JSON.stringify(endpoint) === JSON.stringify(known);

/** The canary is the deployment's own: it stays, whatever the file says. */
async function putConfig(config: Config, inForce: Config, { store }: Deployed): Promise<void> {
  const written = JSON.stringify(config);
  const nest = inForce.endpoints[canaryName];
  const [address] = inForce.routes.find(({ name }) => name === canaryName)?.when?.recipient ?? [];
  const isKept = Object.hasOwn(config.endpoints, canaryName) || nest === undefined || !("queue" in nest);
  const whole =
    isKept || address === undefined ? written : withCanary(written, { address, queue: nest.queue });
  await store.put(configKey, [Buffer.from(whole)], { contentType: "application/json" });
}
