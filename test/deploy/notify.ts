import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PutBucketNotificationConfigurationCommand, type S3Client } from "@aws-sdk/client-s3";
import * as z from "zod";
import { account, region } from "./emulator.ts";

/** The emulator makes a bucket without what its template says of notifications: that part is applied here. */
export async function notifyAsTheTemplateSays(
  s3: S3Client,
  { bucket, assembly }: { readonly bucket: string; readonly assembly: string },
): Promise<void> {
  const Queue = z.object({
    Event: z.literal("s3:ObjectCreated:*"),
    Queue: z.object({ "Fn::GetAtt": z.tuple([z.string(), z.literal("Arn")]) }),
    Filter: z.object({
      S3Key: z.object({ Rules: z.array(z.object({ Name: z.literal("prefix"), Value: z.string() })) }),
    }),
  });
  const Resource = z.object({ Type: z.string(), Properties: z.unknown().optional() });
  const Template = z.object({ Resources: z.record(z.string(), Resource) });
  const [file = ""] = readdirSync(assembly).filter((name) => name.endsWith(".template.json"));
  const { Resources } = Template.parse(JSON.parse(readFileSync(join(assembly, file), "utf8")));
  const [mail] = Object.values(Resources).filter(({ Type }) => Type === "AWS::S3::Bucket");
  const { NotificationConfiguration } = z
    .object({ NotificationConfiguration: z.object({ QueueConfigurations: z.array(Queue) }) })
    .parse(mail?.Properties);
  const QueueConfigurations = NotificationConfiguration.QueueConfigurations.map((told) => {
    const queueId = told.Queue["Fn::GetAtt"][0];
    const { QueueName } = z.object({ QueueName: z.string() }).parse(Resources[queueId]?.Properties);
    const FilterRules = told.Filter.S3Key.Rules.map(({ Name, Value }) => ({ Name, Value }));
    return {
      QueueArn: `arn:aws:sqs:${region}:${account}:${QueueName}`,
      Events: [told.Event],
      Filter: { Key: { FilterRules } },
    };
  });
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      NotificationConfiguration: { QueueConfigurations },
    }),
  );
}
