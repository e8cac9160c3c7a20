import {
  ChangeResourceRecordSetsCommand,
  Route53Client,
  waitUntilResourceRecordSetsChanged,
} from "@aws-sdk/client-route-53";
import { clientOptions } from "./clients.ts";
import { failed } from "./failed.ts";

const idleTimeoutMs = 30_000;
const ttlSeconds = 60;
const wait = { maxWaitTime: 180, minDelay: 2, maxDelay: 10 } as const;

/** TXT records in a hosted zone: there as soon as all of the zone's name servers have them. */
export function createChallengeRecord(hostedZoneId: string, endpoint: string | undefined) {
  const client = new Route53Client(clientOptions(endpoint, idleTimeoutMs));
  const change = async (Action: "UPSERT" | "DELETE", name: string, value: string) => {
    const ResourceRecordSet = {
      Name: name,
      Type: "TXT" as const,
      TTL: ttlSeconds,
      ResourceRecords: [{ Value: `"${value}"` }],
    };
    const { ChangeInfo } = await client
      .send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: hostedZoneId,
          ChangeBatch: { Changes: [{ Action, ResourceRecordSet }] },
        }),
      )
      .catch(failed(`record ${name} in zone ${hostedZoneId}`));
    return ChangeInfo?.Id ?? "";
  };
  return {
    put: async (name: string, value: string): Promise<void> => {
      const Id = await change("UPSERT", name, value);
      await waitUntilResourceRecordSetsChanged({ client, ...wait }, { Id });
    },
    remove: async (name: string, value: string): Promise<void> => {
      await change("DELETE", name, value);
    },
  };
}
