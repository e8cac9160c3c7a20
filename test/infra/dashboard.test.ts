import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { synthesise } from "./synthesised.ts";

const template = synthesise();

/** Names of resources that are made at deploy time; here they are any word. */
const Body = z.union([
  z.string(),
  z
    .object({ "Fn::Join": z.tuple([z.literal(""), z.array(z.union([z.string(), z.looseObject({})]))]) })
    .transform(({ "Fn::Join": [, parts] }) =>
      parts.map((part) => (typeof part === "string" ? part : "made")).join(""),
    ),
]);

const Widget = z.object({
  type: z.string(),
  properties: z.looseObject({ title: z.string().optional(), query: z.string().optional() }),
});

const [resource] = Object.values(template.findResources("AWS::CloudWatch::Dashboard"));
const { widgets } = z
  .object({ widgets: z.array(Widget) })
  .parse(JSON.parse(Body.parse(resource?.["Properties"].DashboardBody)));

test("the dashboard shows what is urgent first", () => {
  assert.deepEqual(
    widgets.map(({ type, properties }) => properties.title ?? type),
    [
      "Alarms",
      "Mail: accepted = delivered + dropped + quarantined + dead + under way (to two endpoints, delivered twice)",
      "From stage to stage (a mail to two endpoints is routed twice)",
      "SMTP replies to transactions",
      "From MAIL to 250, ms",
      "Oldest message, seconds",
      "Messages waiting",
      "Dead letters",
      "Function errors",
      "Function throttles",
      "Function duration p95, ms",
      "Authentication",
      "Attempts by endpoint",
      "Failures by endpoint",
      "Attempt p95 by endpoint, ms",
      "From 250 to the endpoint's answer, ms",
      "Estimated cost in US dollars, of mail of 32 KB; $63 a month come on top (prices of us-east-1, 2026-11-24)",
      "Accepted and not settled, by the last that was said of each mail; the oldest first",
      "Last failures",
      "Slowest deliveries",
      "By endpoint",
      "text",
    ],
  );
});

test("every table reads log groups that there are", () => {
  const groups = new Set(
    Object.values(template.findResources("AWS::Logs::LogGroup")).map(
      ({ Properties }) => Properties.LogGroupName,
    ),
  );
  const read = widgets.flatMap(({ properties }) =>
    [...(properties.query ?? "").matchAll(/SOURCE '([^']+)'/g)].map(([, group]) => group),
  );
  assert.ok(read.length > 0);
  for (const group of read) assert.ok(groups.has(group), group);
});
