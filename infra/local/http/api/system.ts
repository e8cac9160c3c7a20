/** The API's operations on what lies around the messages: queues, endpoints, the sink, faults, the config. */
import * as z from "zod";
import { messageIdIn } from "../../../../functions/aws/claim-check.ts";
import { deadLetterQueueName, pipeline } from "../../../pipeline.ts";
import { chaosParts, Fault } from "../../inspector/chaos.ts";
import type { Inspector } from "../../inspector/inspector.ts";
import { redrive } from "../../inspector/replay.ts";
import { readEndpoints, readQueues, readTotals } from "../../inspector/status.ts";
import { json, problem } from "../answer.ts";
import { noBody, noQuery, type Operation, operation } from "../operation.ts";
import { SinkBehaviour } from "../sink.ts";
import { configOperations } from "./config-operations.ts";
import { DeadLetters, RedriveAll, Status, toRedrive } from "./schemas.ts";

const Stage = z.enum(pipeline.map(({ stage }) => stage));

export function systemOperations(inspector: Inspector): readonly Operation[] {
  return [
    ...queueOperations(inspector),
    ...sinkOperations(inspector),
    ...chaosOperations(inspector),
    ...ownConfigOperations(inspector),
  ];
}

function queueOperations(inspector: Inspector): readonly Operation[] {
  return [
    operation({
      method: "GET",
      path: "/api/v1/status",
      summary: "Where all messages are, the queues, and the endpoints' health",
      query: noQuery,
      body: noBody,
      result: Status,
      handle: async () =>
        json({
          totals: await readTotals(inspector),
          queues: await readQueues(inspector),
          endpoints: readEndpoints(inspector),
        }),
    }),
    operation({
      method: "GET",
      path: "/api/v1/queues/{stage}/dead",
      summary: "The dead letters of a stage, oldest first",
      query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
      body: noBody,
      result: DeadLetters,
      handle: ({ params, query }) => {
        const stage = Stage.safeParse(params["stage"]);
        if (!stage.success) return problem(404, "there is no such stage");
        const deadLetters = inspector.view(deadLetterQueueName(stage.data)).list("", query.limit);
        return json({
          deadLetters: deadLetters.map(({ id, body, sentAtMs, attributes }) => ({
            number: id,
            id: messageIdIn(body),
            sentAt: new Date(sentAtMs).toISOString(),
            reason: attributes["reason"] ?? "received too often",
          })),
        });
      },
    }),
    operation({
      method: "POST",
      path: "/api/v1/queues/{stage}/redrive",
      summary: "Puts dead letters back into the stage's queue: those given by number, or all",
      query: noQuery,
      body: RedriveAll.extend({ numbers: z.array(z.number().int()).max(1000).optional() }),
      result: z.object({ redriven: z.number() }),
      handle: ({ params, body }) => {
        const stage = Stage.safeParse(params["stage"]);
        if (!stage.success) return problem(404, "there is no such stage");
        return json({ redriven: redrive(stage.data, toRedrive(body), inspector) });
      },
    }),
  ];
}

function sinkOperations({ sink }: Inspector): readonly Operation[] {
  return [
    operation({
      method: "GET",
      path: "/api/v1/deliveries",
      summary: "Webhooks that the built-in sink took, newest first",
      query: noQuery,
      body: noBody,
      result: z.array(
        z.object({
          at: z.iso.datetime(),
          endpoint: z.string(),
          webhookId: z.string(),
          isSignatureValid: z.boolean(),
          body: z.unknown(),
        }),
      ),
      handle: () => json(sink.deliveries()),
    }),
    operation({
      method: "PUT",
      path: "/api/v1/sink/{endpoint}",
      summary: "Tells the built-in sink what to answer to an endpoint's webhooks",
      query: noQuery,
      body: z.object({ behaviour: SinkBehaviour }),
      result: z.object({ behaviour: SinkBehaviour }),
      handle: ({ params, body }) => {
        sink.behave(params["endpoint"] ?? "", body.behaviour);
        return json(body);
      },
    }),
  ];
}

const Faults = z.object({ faults: z.partialRecord(z.enum(chaosParts), Fault) });

function chaosOperations({ chaos }: Inspector): readonly Operation[] {
  const faults = () => json({ faults: chaos.faults() });
  return [
    operation({
      method: "GET",
      path: "/api/v1/chaos",
      summary: "The faults that are set",
      query: noQuery,
      body: noBody,
      result: Faults,
      handle: faults,
    }),
    operation({
      method: "PUT",
      path: "/api/v1/chaos/{part}",
      summary: `Makes a part fail or be slow: ${chaosParts.join(", ")}`,
      query: noQuery,
      body: Fault,
      result: Faults,
      handle: ({ params, body }) => {
        const part = z.enum(chaosParts).safeParse(params["part"]);
        if (!part.success) return problem(404, `the parts are ${chaosParts.join(", ")}`);
        chaos.set(part.data, body);
        return faults();
      },
    }),
    operation({
      method: "DELETE",
      path: "/api/v1/chaos",
      summary: "Ends all faults",
      query: noQuery,
      body: noBody,
      result: Faults,
      handle: () => {
        chaos.clear();
        return faults();
      },
    }),
  ];
}

function ownConfigOperations({ config }: Inspector): readonly Operation[] {
  return [
    operation({
      method: "GET",
      path: "/api/v1/config",
      summary: "The config in force",
      query: noQuery,
      body: noBody,
      result: z.object({ config: z.unknown() }),
      handle: () => json({ config: config.source() }),
    }),
    ...configOperations({
      summary: "Puts a config into force until the file changes or the program ends",
      put: (given) => {
        config.override(given);
        return null;
      },
      rotateSecret: (endpoint) => (config.rotateSecret(endpoint) ? null : "there is no such endpoint"),
    }),
  ];
}
