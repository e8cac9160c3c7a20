/** No date is longer, comments and all. */
const dateMaxLength = 256;

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** RFC 5322 §4.3; the military letters count as UTC there, as they were used with both signs. */
const zoneHours = new Map([
  ["edt", -4],
  ["est", -5],
  ["cdt", -5],
  ["cst", -6],
  ["mdt", -6],
  ["mst", -7],
  ["pdt", -7],
  ["pst", -8],
]);

interface DateParts {
  year?: number;
  /** 1 to 12. */
  month?: number;
  day?: number;
  hour?: number;
  minute?: number;
  second?: number;
  offsetMinutes?: number;
}

/**
 * Reads a Date field (RFC 5322 §3.3 and §4.3) and what else is met in its place: `ctime`, ISO 8601, `12-Dec-2010`,
 * no zone (taken as UTC), a clock with AM or PM. Null for anything that is no real point in time.
 */
export function parseDate(raw: string): string | null {
  if (raw.length > dateMaxLength) return null;
  const parts: DateParts = {};
  for (const token of tokens(raw)) {
    if (!readToken(token.toLowerCase(), parts)) return null;
  }
  return toIso(parts);
}

/** Split at white space and commas; comments and the white space around colons are left out. */
function tokens(raw: string): string[] {
  let depth = 0;
  const bare = raw.replace(/[()]|[^()]+/g, (piece) => {
    if (piece === "(") depth += 1;
    else if (piece === ")") depth = Math.max(0, depth - 1);
    return depth > 0 || piece === ")" ? " " : piece;
  });
  return bare
    .replace(/\s*:\s*/g, ":")
    .split(/[\s,]+/)
    .filter((token) => token !== "");
}

/** False for what makes the whole unreadable. */
function readToken(token: string, parts: DateParts): boolean {
  return (
    readIso(token, parts) ||
    readHyphenated(token, parts) ||
    readClock(token, parts) ||
    readZone(token, parts) ||
    readNumber(token, parts) ||
    readWord(token, parts)
  );
}

function readIso(token: string, parts: DateParts): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:t(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(.*))?$/.exec(token);
  if (match === null) return false;
  const [, year, month, day, clock, zone = ""] = match;
  Object.assign(parts, { year: Number(year), month: Number(month), day: Number(day) });
  return clock === undefined || (readClock(clock, parts) && (zone === "" || readZone(zone, parts)));
}

function readHyphenated(token: string, parts: DateParts): boolean {
  const match = /^(\d{1,2})-([a-z]{3,9})-(\d{2,4})$/.exec(token);
  if (match === null) return false;
  const [, day = "", month = "", year = ""] = match;
  return readNumber(day, parts) && readWord(month, parts) && readYear(year, parts);
}

function readClock(token: string, parts: DateParts): boolean {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(am|pm)?$/.exec(token);
  if (match === null || parts.hour !== undefined) return false;
  const [, hour, minute, second = "0", half] = match;
  Object.assign(parts, { hour: Number(hour), minute: Number(minute), second: Number(second) });
  return half === undefined || readWord(half, parts);
}

function readZone(token: string, parts: DateParts): boolean {
  if (parts.hour === undefined || parts.offsetMinutes !== undefined) return false;
  const match = /^(?:gmt|utc?)?([+-])(\d{1,2}):?([0-5]\d)$/.exec(token);
  if (match !== null) {
    const [, sign, hours, minutes] = match;
    if (Number(hours) > 23) return false;
    parts.offsetMinutes = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
    return true;
  }
  const hours = zoneHours.get(token) ?? (/^(?:gmt|utc?|[a-z])$/.test(token) ? 0 : undefined);
  if (hours === undefined) return false;
  parts.offsetMinutes = hours * 60;
  return true;
}

function readNumber(token: string, parts: DateParts): boolean {
  if (!/^\d{1,4}$/.test(token)) return false;
  if (token.length <= 2 && parts.day === undefined) {
    parts.day = Number(token);
    return true;
  }
  return readYear(token, parts);
}

/** Two and three digits count as RFC 5322 §4.3 says. */
function readYear(token: string, parts: DateParts): boolean {
  if (parts.year !== undefined) return false;
  const year = Number(token);
  const century = token.length === 4 ? 0 : token.length === 2 && year < 50 ? 2000 : 1900;
  parts.year = year + century;
  return true;
}

/** A month, AM or PM; other words (a day's name, a zone's) say nothing. */
function readWord(token: string, parts: DateParts): boolean {
  if (/\d/.test(token)) return false;
  const month = months.indexOf(token.slice(0, 3)) + 1;
  if (month > 0 && parts.month === undefined) parts.month = month;
  const { hour } = parts;
  if ((token === "am" || token === "pm") && hour !== undefined && hour >= 1 && hour <= 12) {
    parts.hour = (hour % 12) + (token === "pm" ? 12 : 0);
  }
  return true;
}

function toIso({ year, month, day, hour = 0, minute = 0, second = 0, offsetMinutes = 0 }: DateParts) {
  if (year === undefined || month === undefined || day === undefined) return null;
  if (year < 1900 || hour > 23 || minute > 59 || second > 60) return null;
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  date.setUTCHours(hour, minute - offsetMinutes, second);
  return date.toISOString();
}
