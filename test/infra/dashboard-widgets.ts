import type { Template } from "aws-cdk-lib/assertions";
import * as z from "zod";

/** Names of resources that are made at deploy time; here they are words that tell them apart. */
const Body = z.union([
  z.string(),
  z
    .object({ "Fn::Join": z.tuple([z.literal(""), z.array(z.union([z.string(), z.looseObject({})]))]) })
    .transform(({ "Fn::Join": [, parts] }) =>
      parts
        .map((part) => (typeof part === "string" ? part : JSON.stringify(part).replace(/["\\]/g, "")))
        .join(""),
    ),
]);

const Widget = z.object({
  type: z.string(),
  properties: z.looseObject({
    title: z.string().optional(),
    query: z.string().optional(),
    markdown: z.string().default(""),
    metrics: z.array(z.array(z.union([z.string(), z.looseObject({})]))).default([]),
  }),
});

/** What the dashboard of a template shows, in order. */
export function widgetsOf(template: Template): readonly z.infer<typeof Widget>[] {
  const [dashboard] = Object.values(template.findResources("AWS::CloudWatch::Dashboard"));
  const body = JSON.parse(Body.parse(dashboard?.["Properties"].DashboardBody));
  return z.object({ widgets: z.array(Widget) }).parse(body).widgets;
}
