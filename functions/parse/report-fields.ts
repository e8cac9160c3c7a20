/** The fields of machine-readable reports: RFC 3464, RFC 5965 and RFC 8098 write them alike. */
import { parseAddresses } from "./addresses.ts";
import { decodeText } from "./charset.ts";
import { type HeaderField, HeaderFields, parseHeaderFields } from "./header-fields.ts";

const silently = () => undefined;

/** As a header block, with what is no field left out. */
export const parseFields = (bytes: Buffer): HeaderFields => parseHeaderFields(bytes, silently);

/**
 * The groups of fields that blank lines part (RFC 3464 §2.1). A field that comes again begins a group too, since some
 * programs forget the blank line.
 */
export function parseFieldGroups(bytes: Buffer): HeaderFields[] {
  return decodeText(bytes, null, silently)
    .split(/\r?\n[ \t]*\r?\n/)
    .flatMap((group) => splitAtRepeats(parseFields(Buffer.from(group)).all));
}

function splitAtRepeats(fields: readonly HeaderField[]): HeaderFields[] {
  const groups: HeaderField[][] = [];
  let names = new Set<string>();
  for (const field of fields) {
    const name = field.name.toLowerCase();
    if (groups.length === 0 || names.has(name)) {
      groups.push([]);
      names = new Set();
    }
    names.add(name);
    groups.at(-1)?.push(field);
  }
  return groups.map((group) => new HeaderFields(group));
}

/** The value behind its type: `smtp; 550 no` is `550 no` (RFC 3464 §2.1.2). */
export function untyped(field: HeaderField | null): string | null {
  if (field === null) return null;
  return field.value.replace(/^[\w-]{1,30}\s*;/, "").trim() || null;
}

/** The address of a field such as `rfc822; a@b` or `utf-8; \x{E9}@b` (RFC 6533 §3). */
export function typedAddress(field: HeaderField | null): string | null {
  const value = untyped(field);
  if (value === null) return null;
  const decoded = /^utf-8\s*;/i.test(field?.value ?? "") ? decodeUtf8Address(value) : value;
  return parseAddresses(decoded, silently)[0]?.address || decoded;
}

const decodeUtf8Address = (value: string) =>
  value.replace(/\\x\{([0-9a-f]{2,6})\}/gi, (all, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code).toWellFormed() : all;
  });
