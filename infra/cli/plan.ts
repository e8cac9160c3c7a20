import { type Line, type Plan, planFor, sum } from "../plan/plan.ts";
import { prices } from "../plan/prices.ts";
import type { Output } from "./messages.ts";
import { table } from "./output.ts";

/** What a load comes to on AWS: tasks, concurrency, requests and dollars a month, beside SES receiving. */
export function plan(load: {
  readonly mailsPerMonth: number;
  readonly sizeKb: number;
  readonly peak: number;
}): Output {
  const { mailsPerMonth, sizeKb, peak: peakFactor } = load;
  const planned = planFor({ mailsPerMonth, sizeBytes: sizeKb * 1024, peakFactor });
  return { json: { load, prices, ...planned }, text: describe(planned, mailsPerMonth) };
}

function describe(planned: Plan, mailsPerMonth: number): string {
  const { average, peak } = planned.perSecond;
  const [fixed, perMail] = [sum(planned.fixed), sum(planned.perMail)];
  const total = fixed.dollars + perMail.dollars;
  const allowed = fixed.allowedDollars + perMail.allowedDollars;
  const perMillion = (perMail.dollars / mailsPerMonth) * 1_000_000;
  const concurrency = Object.entries(planned.concurrency).map(([stage, count]) => `${stage} ${count}`);
  return [
    `${rounded(average)} mails a second, ${rounded(peak)} at the peak`,
    `front end: ${planned.tasks} tasks; functions at the peak: ${concurrency.join(", ")}`,
    "",
    table([...planned.fixed, ...planned.perMail].map(row)),
    "",
    `fixed part       ${dollars(fixed.dollars)} a month, ${dollars(fixed.dollars - fixed.allowedDollars)} after AWS's monthly allowance`,
    `for the mail     ${dollars(perMail.dollars)} a month, ${dollars(perMail.dollars - perMail.allowedDollars)} after it; ${dollars(perMillion)} for a million without it`,
    `together         ${dollars(total)}, ${dollars(total - allowed)} after it; and ${rounded(planned.storedGb)} GB kept, ${dollars(planned.storedGb * prices.s3GbMonth)}`,
    `SES receiving    ${dollars(planned.sesDollars)}, and what you put behind it`,
    planned.sesCheaperBelow === null
      ? "SES receiving costs less at every volume of mail of this size."
      : `Below ${planned.sesCheaperBelow.toLocaleString("en")} mails a month SES receiving costs less.`,
    "",
    `Prices of ${prices.region}, ${prices.date}. Assumed: how long functions take, no batch of more than one, endpoints outside AWS.`,
  ].join("\n");
}

const row = ({ name, amount, unit, dollars: cost }: Line) => [
  name,
  `${rounded(amount)} ${unit}`,
  dollars(cost),
];
const dollars = (amount: number) => `$${amount.toFixed(2)}`;
const rounded = (amount: number) =>
  amount.toLocaleString("en", { maximumFractionDigits: amount < 100 ? 2 : 0 });
