/** The one place that knows ical.js. */
import ICAL from "ical.js";
import type { Kind } from "../mail/kind.ts";
import { decodeText } from "./charset.ts";
import { type Excerpt, excerptsOf } from "./excerpts.ts";
import { parseLimits } from "./parse-limits.ts";

type Calendar = NonNullable<Kind["calendar"]>;

const components = new Set(["VCALENDAR", "VTIMEZONE", "STANDARD", "DAYLIGHT", "VEVENT"]);

/** What is asked of a calendar, and what its time zones need. */
const properties =
  /^(?:METHOD|UID|DTSTART|DTEND|DURATION|SUMMARY|RECURRENCE-ID|TZID|TZOFFSETFROM|TZOFFSETTO|RDATE|RRULE)[;:]/i;

/**
 * The rules of time zones: a day of a month each year, by its week or by its dates. Any other could let ical.js count
 * seconds for centuries, or look for a day that never comes.
 */
const yearly =
  /^RRULE:(?:(?:FREQ=YEARLY|INTERVAL=1|WKST=\w\w|BYMONTH=(?:[1-9]|1[0-2])|UNTIL=\w{8,16}|BYDAY=-?[1-4](?:MO|TU|WE|TH|FR|SA|SU))(?:;|$)){1,6}$/i;
const yearlyByDates =
  /^RRULE:(?:(?:FREQ=YEARLY|INTERVAL=1|WKST=\w\w|BYMONTH=(?:[1-9]|1[0-2])|UNTIL=\w{8,16}|BYDAY=(?:MO|TU|WE|TH|FR|SA|SU)|BYMONTHDAY=(?:[1-9]|1\d|2[0-8])(?:,(?:[1-9]|1\d|2[0-8])){0,9})(?:;|$)){1,6}$/i;

/** An invitation or an answer to one (RFC 5546): the event that the first calendar part is about. */
export function judgeCalendar(excerpts: readonly Excerpt[]): Kind["calendar"] {
  const [part] = excerptsOf(excerpts, /^(?:text\/calendar|application\/ics)$/);
  if (part === undefined) return null;
  const lines = relevantLines(decodeText(part.bytes, null, () => undefined));
  try {
    return readCalendar(new ICAL.Component(ICAL.parse(lines.join("\r\n"))));
  } catch {
    // ical.js throws for what is no calendar.
    return null;
  }
}

/**
 * Cuts a calendar down to what is read of it, within bounds, so that nothing hostile reaches the library: it must not
 * count through rules that never match, nor walk thousands of components.
 */
function relevantLines(text: string): string[] {
  const lines: string[] = [];
  /** Components that are open, from the first that is of no interest. */
  let skipped = 0;
  let current = "";
  for (const line of text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/)) {
    const [, edge, name = ""] = /^(BEGIN|END):([\w-]{1,40})\s*$/i.exec(line) ?? [];
    if (edge !== undefined && (skipped > 0 || !components.has(name.toUpperCase()))) {
      skipped += edge.toUpperCase() === "BEGIN" ? 1 : -1;
    } else if (skipped <= 0 && (edge !== undefined || isRelevant(line))) {
      if (edge !== undefined) current = name.toUpperCase();
      lines.push(
        current === "STANDARD" || current === "DAYLIGHT" ? sinceEpoch(line.trimEnd()) : line.trimEnd(),
      );
    }
    if (lines.length === parseLimits.calendarLinesMax) break;
  }
  return lines;
}

/** A yearly rule that began in 1601, as many do, is the same from 1970 on. */
const sinceEpoch = (line: string) =>
  line.replace(/^(DTSTART[^:]{0,80}:)(\d{4})/i, (all, field: string, year: string) =>
    Number(year) < 1970 ? `${field}1970` : all,
  );

const isRelevant = (line: string) =>
  line.length <= parseLimits.calendarLineMaxLength &&
  properties.test(line) &&
  (!/^RRULE/i.test(line) || yearly.test(line.trimEnd()) || yearlyByDates.test(line.trimEnd()));

function readCalendar(calendar: ICAL.Component): Kind["calendar"] {
  const events = calendar.getAllSubcomponents("vevent");
  // Changes of single occurrences stand beside the event that they change.
  const event = events.find((one) => !one.hasProperty("recurrence-id")) ?? events[0];
  const uid = textOf(event?.getFirstPropertyValue("uid"));
  if (event === undefined || uid === null) return null;
  const method = textOf(calendar.getFirstPropertyValue("method"))?.trim().toUpperCase();
  return {
    // A calendar without a method is no question to anybody (RFC 5546 §1.4).
    method: /^[A-Z-]{1,20}$/.test(method ?? "") ? (method ?? "") : "PUBLISH",
    uid,
    ...readTimes(event),
    summary: textOf(event.getFirstPropertyValue("summary")),
  };
}

function readTimes(event: ICAL.Component): Pick<Calendar, "start" | "end"> {
  const start = event.getFirstPropertyValue("dtstart");
  if (!(start instanceof ICAL.Time)) return { start: null, end: null };
  const end = event.getFirstPropertyValue("dtend");
  const duration = event.getFirstPropertyValue("duration");
  if (end instanceof ICAL.Time) return { start: toIso(start), end: toIso(end) };
  if (!(duration instanceof ICAL.Duration)) return { start: toIso(start), end: null };
  const computed = start.clone();
  computed.addDuration(duration);
  return { start: toIso(start), end: toIso(computed) };
}

/** A day stays a day, and a time in a zone that the calendar does not explain stays a local time. */
function toIso(time: ICAL.Time): string | null {
  if (time.year < 1900 || time.year > 2200) return null;
  if (time.isDate || time.zone === ICAL.Timezone.localTimezone) return time.toString();
  return time.toJSDate().toISOString();
}

const textOf = (value: unknown): string | null =>
  typeof value === "string" && value !== "" ? value.toWellFormed() : null;
