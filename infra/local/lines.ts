import type { StageEvent } from "../../functions/mail/stage-event.ts";

const valueMaxLength = 120;

/** One wide line for a person: time, stage, outcome, id, duration, then what the stage saw. */
export function formatLine({ at, stage, id, outcome, durationMs, detail }: StageEvent): string {
  const fields = Object.entries(detail).map(([name, value]) => `${name}=${formatValue(value)}`);
  const head = [at.slice(11, 23), stage.padEnd(8), outcome.padEnd(11), id ?? "-".padEnd(36)];
  return [...head, `${Math.round(durationMs)}ms`.padStart(6), ...fields].join(" ");
}

/** Mail is hostile: what a sender wrote must not steer the terminal, so all but printable text is escaped. */
function formatValue(value: string | number | boolean | null): string {
  if (typeof value !== "string") return String(value);
  const printable = value.replace(/[^\P{C}]|[\u2028\u2029"\\]/gu, escapeCharacter);
  const cut = printable.length > valueMaxLength ? `${printable.slice(0, valueMaxLength)}…` : printable;
  return cut === "" || /\s/u.test(cut) || cut !== value ? `"${cut}"` : cut;
}

const escapeCharacter = (character: string) =>
  character === '"' || character === "\\"
    ? `\\${character}`
    : `\\u{${character.codePointAt(0)?.toString(16)}}`;
