import { PermanentError } from "../../../functions/mail/errors.ts";
import type { OutgoingMessage } from "../../../functions/mail/ports.ts";

/** What SQS takes, so that what runs here runs there. */
export const queueLimits = {
  /** Body and attributes together. */
  messageMaxBytes: 1024 * 1024,
  attributesMax: 10,
  groupIdMaxLength: 128,
  delayMaxSeconds: 900,
  visibilityMaxSeconds: 43_200,
  waitMaxSeconds: 20,
  receiveMax: 10,
} as const;

/** All that a message of SQS may not have: control characters, lone surrogates, U+FFFE and U+FFFF. */
const refusedCharacter = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

export function checkMessage({ body, attributes = {}, groupId, delaySeconds = 0 }: OutgoingMessage): void {
  const texts = [body, ...Object.entries(attributes).flat()];
  const sizeBytes = texts.reduce((size, text) => size + Buffer.byteLength(text), 0);
  if (sizeBytes > queueLimits.messageMaxBytes) {
    throw new PermanentError(`a message of ${sizeBytes} bytes: at most ${queueLimits.messageMaxBytes}`);
  }
  if (texts.includes("")) throw new PermanentError("a message has an empty body or attribute");
  const [refused] = texts.flatMap((text) => refusedCharacter.exec(text) ?? []);
  if (refused !== undefined) {
    throw new PermanentError(`a message has the character U+${refused.codePointAt(0)?.toString(16)}`);
  }
  checkRange("attributes", Object.keys(attributes).length, { min: 0, max: queueLimits.attributesMax });
  checkRange("group id length", groupId?.length ?? 1, { min: 1, max: queueLimits.groupIdMaxLength });
  checkRange("delay", delaySeconds, { min: 0, max: queueLimits.delayMaxSeconds });
}

export function checkRange(
  what: string,
  value: number,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new PermanentError(`${what} is ${value}: must be a whole number from ${min} to ${max}`);
  }
}
