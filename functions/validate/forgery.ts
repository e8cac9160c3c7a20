/** Authentication-Results that claim to be ours, in mail from outside (RFC 8601 §5). */
import { type ValidateWarning, warn } from "./warnings.ts";

/** A warning for each Authentication-Results field that names one of ours as its author: only we may write one. */
export function findForgedResults(
  headers: readonly (readonly [name: string, value: string])[],
  own: ReadonlySet<string>,
): ValidateWarning[] {
  return headers
    .filter(([name, value]) => name.toLowerCase() === "authentication-results" && names(value, own))
    .map(([, value]) => warn("forged-authentication-results", `came with the mail: ${value}`));
}

/** True where the authserv-id is one of ours. What stands before the first ";" may hold comments, quotes and a version. */
function names(value: string, own: ReadonlySet<string>): boolean {
  const [head = ""] = value.slice(0, headMaxLength).toLowerCase().split(";");
  return head.split(/[\s"()]+/).some((word) => own.has(word));
}

/** RFC 5322 §2.1.1: no line, and so no authserv-id with its comments, is longer. */
const headMaxLength = 998;
