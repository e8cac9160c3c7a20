import type { Authentication } from "../../../../functions/mail/messages.ts";
import { type Html, html } from "../../http/html.ts";
import type { ReadMessage } from "../read-message.ts";
import { badge } from "./layout.ts";

/** Each mechanism's result with the reason for it, in words. */
export function verdictSection({ auth, envelope }: ReadMessage): Html {
  if (auth === null)
    return html`<section id="verdict"><h2>Verdict</h2><p>Not known: the message was not validated here.</p></section>`;
  const rows: readonly (readonly [string, string, string])[] = [
    ["SPF", auth.spf.result, spfReason(auth.spf, envelope.remoteIp)],
    ...(auth.dkim.length === 0
      ? [["DKIM", "none", "The mail is not signed."] as const]
      : auth.dkim.map((signature) => ["DKIM", signature.result, dkimReason(signature)] as const)),
    ["DMARC", auth.dmarc.result, dmarcReason(auth.dmarc)],
    [
      "ARC",
      auth.arc.result,
      auth.arc.sealer === null ? "No chain that vouches for it." : `Sealed by ${auth.arc.sealer}.`,
    ],
  ];
  return html`<section id="verdict"><h2>Verdict</h2>
<p>${auth.senderVerified ? badge("verified") : badge("unverified")} ${
    auth.senderVerified
      ? "The From domain stands behind this mail."
      : "Anyone may have written this: do not act in the sender's name."
  }</p>
<table><tbody>${rows.map(
    ([name, result, reason]) =>
      html`<tr><th scope="row">${name}</th><td>${badge(result)}</td><td>${reason}</td></tr>`,
  )}</tbody></table></section>`;
}

const aligned = (isAligned: boolean) =>
  isAligned ? "It aligns with the From domain." : "It does not align with the From domain.";

function spfReason({ result, domain, aligned: isAligned }: Authentication["spf"], remoteIp: string): string {
  if (domain === null) return "No domain was named.";
  switch (result) {
    case "pass":
      return `${domain} lets ${remoteIp} send for it. ${aligned(isAligned)}`;
    case "fail":
      return `${domain} says that ${remoteIp} may not send for it.`;
    case "softfail":
      return `${domain} thinks that ${remoteIp} should not send for it.`;
    case "neutral":
      return `${domain} does not say whether ${remoteIp} may send for it.`;
    case "none":
      return `${domain} has no SPF record.`;
    case "temperror":
      return `DNS did not answer for ${domain}.`;
    case "permerror":
      return `The SPF record of ${domain} cannot be read.`;
  }
}

function dkimReason(signature: Authentication["dkim"][number]): string {
  const { result, domain, selector, detail, bodyLengthLimited } = signature;
  const limited = bodyLengthLimited ? " It leaves the end of the body unsigned." : "";
  const signed = `Signed by ${domain} with selector ${selector}.`;
  if (result === "pass") return `${signed} ${aligned(signature.aligned)}${limited}`;
  return `${signed}${detail === null ? "" : ` ${detail}`}${limited}`;
}

function dmarcReason({ result, policy, domain }: Authentication["dmarc"]): string {
  if (domain === null) return "From names no single domain.";
  const asks = policy === null ? "" : ` It asks for ${policy} where DMARC fails.`;
  switch (result) {
    case "pass":
      return `SPF or DKIM passed and aligns with ${domain}.${asks}`;
    case "fail":
      return `Neither SPF nor DKIM passed and aligns with ${domain}.${asks}`;
    case "none":
      return `${domain} has no DMARC record.`;
    case "temperror":
      return `DNS did not answer for ${domain}.`;
    case "permerror":
      return `The DMARC record of ${domain} cannot be read.`;
  }
}
