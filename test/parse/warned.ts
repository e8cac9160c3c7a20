import type { Warn } from "../../functions/parse/warnings.ts";

/** Runs `read` and gives its value with the codes it warned of. */
export function warned<Value>(read: (warn: Warn) => Value): [value: Value, codes: string[]] {
  const codes: string[] = [];
  const value = read((code) => codes.push(code));
  return [value, codes];
}
