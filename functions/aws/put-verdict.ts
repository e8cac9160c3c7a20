/** What one attempt at a PUT means. */
export type Verdict =
  | { readonly kind: "stored" }
  | { readonly kind: "exists" }
  /** It may pass: worth another attempt. */
  | { readonly kind: "again"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string };

/** S3's names for what passes, sent with a status that elsewhere would not: a body that stalled, a write in between. */
const passingCodes: readonly string[] = ["RequestTimeout", "ConditionalRequestConflict", "OperationAborted"];

const passingStatuses: readonly number[] = [408, 429];

export function judgeAnswer(status: number, body: string): Verdict {
  if (status >= 200 && status < 300) return { kind: "stored" };
  if (status === 412) return { kind: "exists" };
  const code = element("Code", body);
  const reason = [`${status} ${code}`.trim(), element("Message", body)].filter(Boolean).join(": ");
  const isPassing = status >= 500 || passingStatuses.includes(status) || passingCodes.includes(code);
  return { kind: isPassing ? "again" : "failed", reason };
}

/** No answer came: all trouble of a network passes, a request that cannot be written does not. */
export function judgeError(error: unknown): Verdict {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = error instanceof Error ? error.message || code : String(error);
  return { kind: unwritable.test(code) ? "failed" : "again", reason };
}

/** What undici and Node say of a path or a header that HTTP does not take. */
const unwritable = /^(?:UND_ERR_INVALID_ARG|ERR_INVALID_CHAR|ERR_UNESCAPED_CHARACTERS)$/;

/** "Full jitter": from nothing to a doubling bound, so that those who failed together do not come back together. */
export const backoffMs = (
  attempt: number,
  random: number,
  { firstMs, maxMs }: Readonly<Record<"firstMs" | "maxMs", number>>,
) => random * Math.min(maxMs, firstMs * 2 ** (attempt - 1));

const excerptMaxLength = 200;

/** The text of the first such element. S3's errors also carry the signed text and the key id, which must not be logged. */
function element(name: string, xml: string): string {
  const start = xml.indexOf(`<${name}>`);
  const end = xml.indexOf(`</${name}>`, start);
  return start === -1 || end === -1 ? "" : xml.slice(start + name.length + 2, end).slice(0, excerptMaxLength);
}
