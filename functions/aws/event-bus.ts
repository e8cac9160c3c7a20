import { PermanentError } from "../mail/errors.ts";
import type { SendToBus } from "../mail/ports.ts";
import { clientOptions } from "./clients.ts";
import { failed } from "./failed.ts";

/** Who an event says it is from. */
const source = "mailchute";

const idleTimeoutMs = 30_000;

/** Puts events on EventBridge buses. Most deployments have none, so the SDK's client is loaded when there is one. */
export function createSendToBus(endpoint: string | undefined): SendToBus {
  const load = async () => {
    const { EventBridgeClient, PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
    const client = new EventBridgeClient(clientOptions(endpoint, idleTimeoutMs));
    const region = await client.config.region();
    return async (arn: string, { type, at, detail }: Parameters<SendToBus>[1]) => {
      const Entries = [
        { EventBusName: arn, Source: source, DetailType: type, Time: new Date(at), Detail: detail },
      ];
      if (arn.split(":")[3] !== region)
        throw new PermanentError(`event bus ${arn} is not in this region, ${region}`);
      const { Entries: [entry] = [] } = await client.send(new PutEventsCommand({ Entries }));
      if (entry?.ErrorCode !== undefined) throw new Error(`${entry.ErrorCode}: ${entry.ErrorMessage}`);
    };
  };
  let loading: ReturnType<typeof load> | undefined;
  return async (arn, event) => {
    loading ??= load();
    try {
      const put = await loading.catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      await put(arn, event);
    } catch (error) {
      if (error instanceof PermanentError) throw error;
      failed(`event bus ${arn}`)(error);
    }
  };
}
