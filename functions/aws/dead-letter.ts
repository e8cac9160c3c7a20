import type { StageName } from "../mail/stage-event.ts";

/** Of a dead letter's reason, in characters. */
export const reasonMaxLength = 1024;

/** What a dead letter carries beside its body: who gave up, and why. */
export const deadLetterAttributes = (stage: StageName, reason: string) => ({
  stage,
  reason: toAttribute(reason),
});

/** SQS refuses an attribute that is empty, or has characters that XML cannot write. */
const toAttribute = (reason: string) =>
  reason
    .slice(0, reasonMaxLength)
    .toWellFormed()
    .replace(/[^\t\n\r\x20-\ufffd\u{10000}-\u{10ffff}]/gu, "?") || "unknown";
