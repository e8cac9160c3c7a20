import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../../functions/mail/kind.ts";
import { judgeCalendar } from "../../functions/parse/calendar.ts";
import { parseLimits } from "../../functions/parse/parse-limits.ts";
import { parseData } from "./parse-data.ts";

const zone = (rule: string, since = "16010101") =>
  `BEGIN:VTIMEZONE\nTZID:Somewhere\nBEGIN:STANDARD\nDTSTART:${since}T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n` +
  `RRULE:${rule};BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:${since}T020000\nTZOFFSETFROM:+0100\n` +
  `TZOFFSETTO:+0200\nRRULE:${rule};BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\n`;
const summerTime = zone("FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU");

const event = (lines: string) => `BEGIN:VEVENT\nUID:1@client.test\n${lines}\nEND:VEVENT\n`;
const calendar = (content: string, method = "METHOD:REQUEST\n") =>
  `BEGIN:VCALENDAR\nVERSION:2.0\n${method}${content}END:VCALENDAR\n`;
const request = { method: "REQUEST", uid: "1@client.test", start: null, end: null, summary: null };

const cases: [sentence: string, text: string, expected: Kind["calendar"]][] = [
  [
    "an invitation in UTC",
    calendar(event("DTSTART:20260102T030405Z\nDTEND:20260102T040405Z\nSUMMARY:Lunch\\, at\n  noon")),
    {
      ...request,
      start: "2026-01-02T03:04:05.000Z",
      end: "2026-01-02T04:04:05.000Z",
      summary: "Lunch, at noon",
    },
  ],
  [
    "a zone that the calendar explains, in winter",
    calendar(summerTime + event("DTSTART;TZID=Somewhere:20260102T100000")),
    { ...request, start: "2026-01-02T09:00:00.000Z" },
  ],
  [
    "and in summer",
    calendar(summerTime + event("DTSTART;TZID=Somewhere:20260702T100000")),
    { ...request, start: "2026-07-02T08:00:00.000Z" },
  ],
  [
    "a zone that it does not is a local time",
    calendar(event("DTSTART;TZID=Elsewhere:20260102T100000")),
    { ...request, start: "2026-01-02T10:00:00" },
  ],
  [
    "a day is a day",
    calendar(event("DTSTART;VALUE=DATE:20260102\nDTEND;VALUE=DATE:20260103")),
    { ...request, start: "2026-01-02", end: "2026-01-03" },
  ],
  [
    "an event may say how long it takes",
    calendar(event("DTSTART:20260102T030405Z\nDURATION:PT1H30M")),
    { ...request, start: "2026-01-02T03:04:05.000Z", end: "2026-01-02T04:34:05.000Z" },
  ],
  [
    "an alarm's duration is not the event's",
    calendar(event("DTSTART:20260102T030405Z\nBEGIN:VALARM\nDURATION:P1D\nEND:VALARM")),
    { ...request, start: "2026-01-02T03:04:05.000Z" },
  ],
  [
    "one occurrence that differs stands behind its event",
    calendar(event("RECURRENCE-ID:20260102T030405Z\nSUMMARY:Moved") + event("SUMMARY:All")),
    { ...request, summary: "All" },
  ],
  [
    "an answer",
    calendar(event("SUMMARY:Yes"), "METHOD:reply\n"),
    { ...request, method: "REPLY", summary: "Yes" },
  ],
  [
    "a calendar without a method is published",
    calendar(event("X-A:b"), ""),
    { ...request, method: "PUBLISH" },
  ],
  ["an event without an id is none", calendar("BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n"), null],
  ["a task is none", calendar("BEGIN:VTODO\nUID:1\nEND:VTODO\n"), null],
  ["what is no calendar is none", "Hello", null],
  ["nor one that does not end", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n", null],
  ["nor one with a date that is none", calendar(event("DTSTART:tomorrow")), null],
  ["a year beyond reason is no time", calendar(event("DTSTART:99991231T000000Z")), request],
  [
    "a zone whose rule could be counted for ever has none",
    calendar(zone("FREQ=SECONDLY") + event("DTSTART;TZID=Somewhere:20260702T100000")),
    { ...request, start: "2026-07-02T08:00:00.000Z" },
  ],
  [
    "nor has one that never comes",
    calendar(zone("FREQ=YEARLY;BYMONTHDAY=28;BYDAY=5MO") + event("DTSTART;TZID=Somewhere:20260702T100000")),
    { ...request, start: "2026-07-02T08:00:00.000Z" },
  ],
];
for (const [sentence, text, expected] of cases) {
  test(`calendar: ${sentence}`, () => {
    const bytes = Buffer.from(text.replaceAll("\n", "\r\n"));
    assert.deepEqual(judgeCalendar([{ contentType: "text/calendar", bytes }]), expected);
  });
}

test("as many lines as allowed are read, and one more is not", () => {
  const { calendarLinesMax } = parseLimits;
  // BEGIN twice, UID, METHOD and END twice stand beside them.
  for (const [count, isRead] of [
    [calendarLinesMax - 6, true],
    [calendarLinesMax - 5, false],
  ] as const) {
    const bytes = Buffer.from(calendar(event("SUMMARY:x\n".repeat(count).trimEnd())));
    assert.equal(judgeCalendar([{ contentType: "text/calendar", bytes }]) !== null, isRead);
  }
});

test("the calendar of a mail is an attachment, and says what kind of mail it is", async () => {
  const mail =
    "From: a@b.test\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nCome!\n--b\n" +
    `Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\n${calendar(event("SUMMARY:Grüße"))}\n--b--\n`;
  const { kind, attachments } = await parseData(Buffer.from(mail));
  assert.equal(kind.calendar?.summary, "Grüße");
  assert.equal(attachments[0]?.contentType, "text/calendar");
});
