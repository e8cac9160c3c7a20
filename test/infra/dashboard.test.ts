import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { dashboardMetricsMax } from "../../infra/plan/prices.ts";
import { widgetsOf } from "./dashboard-widgets.ts";
import { ordinaryDeployment, synthesise } from "./synthesised.ts";

const template = synthesise(...ordinaryDeployment);
const widgets = widgetsOf(template);

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
      "Stage throttles",
      "Stage duration p95, ms",
      "Authentication",
      "Attempts by endpoint",
      "Failures by endpoint",
      "Attempt p95 by endpoint, ms",
      "From 250 to the endpoint's answer, ms",
      "Estimated cost in US dollars, of mail of 32 KB; $60 a month come on top (prices of us-east-1, 2026-11-24)",
      "Accepted and not settled, by the last that was said of each mail; the oldest first",
      "Last failures",
      "text",
      "Slowest deliveries",
      "text",
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

test("it has no more metrics than the allowance takes", () => {
  const metrics = widgets
    .flatMap(({ properties }) => properties.metrics)
    .map((metric) => metric.filter((part) => typeof part === "string").join(" "))
    .filter((metric) => metric !== "");
  const count = new Set(metrics).size;
  assert.ok(count > 40 && count <= dashboardMetricsMax, `${count} metrics`);
});

test("what stands beside the tables are commands that there are, with the options that they take", () => {
  const lines = widgets.flatMap(({ properties }) => properties.markdown.match(/^npx mailchute .+$/gm) ?? []);
  assert.equal(lines.length, 5);
  const helps = new Map<string, string>();
  for (const line of lines) {
    const [, command = "", rest = ""] = /^npx mailchute --stack mailchute (\w+)(.*)$/.exec(line) ?? [];
    const help = helps.get(command) ?? helpOf(command);
    helps.set(command, help);
    for (const [option] of rest.matchAll(/--\w+/g)) assert.ok(help.includes(`  ${option} `), line);
  }
});

const helpOf = (command: string) =>
  execFileSync(process.execPath, ["infra/cli/main.ts", command, "--help"], { encoding: "utf8" });
