import type { Warning } from "../mail/messages.ts";
import { parseLimits } from "./parse-limits.ts";

/** Every code that `warnings` can hold, and what it means to whoever reads the webhook. Codes never change. */
export const warningCodes = {
  "boundary-missing":
    "A multipart has no part: its boundary is absent or never occurs. What stands in it is read as text.",
  "body-cut": "Text or HTML is longer than the stage reads; the rest is in the raw message alone.",
  "body-lines-too-many": "The body has too many lines to be read; what came before is kept.",
  "charset-unknown": "A character set is not known; the text was read as UTF-8 or else as windows-1252.",
  "charset-wrong":
    "Text does not fit the character set it declares, or declares none; the likeliest one was used.",
  "date-unreadable": "The Date field holds no date.",
  "depth-too-deep": "MIME parts are nested deeper than the stage reads; what came before is kept.",
  "encoding-unknown": "A Content-Transfer-Encoding is not known; the part was taken as it stands.",
  "field-repeated": "A field that may stand once stands more often; the first was used.",
  "from-missing": "No From field names an author.",
  "header-line-malformed": "Lines among the header fields are no header field; they were left out.",
  "header-missing": "The message has no header field; all of it is read as text.",
  "header-not-utf8":
    "A header field has 8-bit characters that are not UTF-8; they were read as windows-1252.",
  "header-too-large":
    "The header block is too large; the fields of its beginning are kept and the body was not read.",
  "mime-unreadable": "The MIME structure could not be read; what came before is kept.",
  "nul-removed": "Text held NUL characters; they were removed.",
  "part-header-too-large": "The headers of the MIME parts are too large; what came before is kept.",
  "parts-too-many": "There are more MIME parts than the stage reads; what came before is kept.",
} as const;
export type WarningCode = keyof typeof warningCodes;

export interface ParseWarning extends Warning {
  readonly code: WarningCode;
}

export type Warn = (code: WarningCode, detail: string) => void;

/** Collects warnings: each once, and no more than a reader can use. */
export class Warnings {
  readonly #byText = new Map<string, Warning>();

  readonly add: Warn = (code, detail) => {
    const warning = { code, detail: cut(detail) };
    if (this.#byText.size < parseLimits.warningsMax) this.#byText.set(`${code} ${warning.detail}`, warning);
  };

  list(): Warning[] {
    return [...this.#byText.values()];
  }
}

function cut(detail: string): string {
  const max = parseLimits.warningDetailMaxLength;
  const printable = detail.replace(/\p{C}/gu, "\u{fffd}");
  return printable.length <= max ? printable : `${printable.slice(0, max - 1).toWellFormed()}…`;
}
