import type { Warning } from "../mail/messages.ts";

/** Every code that this stage adds to `warnings`, and what it means to whoever reads the webhook. Codes never change. */
export const warningCodes = {
  "bare-newlines": "A bare CR, bare LF or NUL stands in the mail: servers may disagree on where it ends.",
  "dkim-body-length": "A DKIM signature need not cover the whole body (`l=`).",
  "dns-failure": "DNS did not answer in time; the results in `auth` say for what.",
  duplicate:
    "Another mail with this Message-ID came before, for the same recipients. A sender chooses its Message-IDs.",
  "forged-authentication-results":
    "The mail came with an Authentication-Results field in the name of this server, or of a domain of yours.",
  "from-differs":
    "The From domain is not that of `mailFrom`, and SPF does not align them: usual for lists and mail services.",
  "from-own-domain": "From is an address of a domain that mail is taken for here, and nothing verifies it.",
  "from-repeated": "There are several From fields: programs may disagree on who wrote the mail.",
  "name-own-domain":
    "The sender's display name shows an address or domain of yours; the address is another's.",
  "not-authenticated": "A limit kept DKIM, DMARC or ARC from being looked at.",
  "null-sender":
    "The reverse-path is `<>`, which is for reports, and this is neither report nor automatic reply.",
  "recipient-not-named": "Recipients stand in neither To nor Cc: a blind copy, or a list.",
} as const;
export type WarningCode = keyof typeof warningCodes;

export interface ValidateWarning extends Warning {
  readonly code: WarningCode;
}

/** The detail is cut to what a log line holds. */
export const warn = (code: WarningCode, detail: string): ValidateWarning => ({
  code,
  detail: detail.slice(0, detailMaxLength).toWellFormed(),
});

const detailMaxLength = 200;
