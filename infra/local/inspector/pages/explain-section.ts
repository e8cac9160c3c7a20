import type { JudgedCondition } from "../../../../functions/mail/condition.ts";
import type { ExplainedRoute, Explanation } from "../../../../functions/mail/explain.ts";
import type { Decision } from "../../../../functions/mail/match.ts";
import { type Html, html } from "../../http/html.ts";
import { badge } from "./layout.ts";

/** Why the mail goes where it goes, by the config in the text field: the script asks again while one types. */
export const explainSection = (id: string, config: string, explanation: Html): Html => html`
<section id="route"><h2>Route</h2>
<div id="explanation" aria-live="polite">${explanation}</div>
<details><summary>Try another config</summary>
<p><label for="config">Nothing is changed by what you write here.</label></p>
<textarea id="config" data-explain="/messages/${id}/explain" spellcheck="false">${config}</textarea>
</details></section>`;

export const problemList = (problems: readonly string[]): Html =>
  html`<p class="problem">${problems.join("\n")}</p>`;

export const explanationContent = (explanations: readonly Explanation[]): Html =>
  html`${explanations.map(
    ({ recipient, decisions, routes }) => html`<h3>${recipient}</h3>
<p>${decisions.map((decision) => html`${describe(decision)} `)}</p>
<table class="stacked"><thead><tr><th>Route</th><th>Matches</th><th>Conditions</th></tr></thead><tbody>${routes.map(routeRow)}</tbody></table>`,
  )}`;

function describe(decision: Decision): string {
  const by = `by ${decision.route ?? "no route"}`;
  if (decision.kind !== "deliver") return `${decision.kind} ${by}: ${decision.reason}.`;
  const captures = Object.entries(decision.captures).map(([name, value]) => `${name}=${value}`);
  return `deliver to ${decision.endpoints.join(", ")} ${by}${captures.length === 0 ? "" : ` with ${captures.join(", ")}`}.`;
}

const routeRow = ({ route, verdict, isTaken, conditions }: ExplainedRoute): Html => html`<tr>
<td>${isTaken ? html`<strong>${route}</strong>` : route}</td><td>${badge(verdict)}</td>
<td>${conditions.length === 0 ? "none: every recipient" : html`<ul>${conditions.map(conditionItem)}</ul>`}</td></tr>`;

function conditionItem({ condition, expected, seen, verdict, negated }: JudgedCondition): Html {
  if (negated.length > 0) return html`<li>${badge(verdict)} not<ul>${negated.map(conditionItem)}</ul></li>`;
  const saw = seen === null ? "unknown" : seen.length === 0 ? "nothing" : seen.join(", ");
  return html`<li>${badge(verdict)} ${condition} asks for <code>${expected.join(" or ")}</code>, saw <code>${saw}</code></li>`;
}
