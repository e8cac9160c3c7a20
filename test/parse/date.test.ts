import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseDate } from "../../functions/parse/date.ts";

const cases: [sentence: string, raw: string, expected: string | null][] = [
  ["a date as RFC 5322 writes it", "Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T15:55:06.000Z"],
  ["the day's name may be missing", "21 Nov 1997 09:55:06 -0600", "1997-11-21T15:55:06.000Z"],
  ["seconds may be missing", "21 Nov 1997 09:55 +0000", "1997-11-21T09:55:00.000Z"],
  ["a leap second is the next minute's first", "31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00.000Z"],
  [
    "comments may stand anywhere",
    "Fri, 21 Nov 1997 09(c (c)):   55  :  06 -0600 (CST)",
    "1997-11-21T15:55:06.000Z",
  ],
  ["a year of two digits below 50 is of this century", "1 Jan 49 00:00 +0000", "2049-01-01T00:00:00.000Z"],
  ["from 50 it is of the last", "1 Jan 50 00:00 +0000", "1950-01-01T00:00:00.000Z"],
  ["a year of three digits counts from 1900", "1 Jan 103 00:00 +0000", "2003-01-01T00:00:00.000Z"],
  ["zones may have names", "1 Jan 2026 12:00:00 PDT", "2026-01-01T19:00:00.000Z"],
  ["UT and Z are UTC", "1 Jan 2026 12:00:00 UT", "2026-01-01T12:00:00.000Z"],
  ["an unknown zone is UTC", "1 Jan 2026 12:00:00 Nowhere/Land", "2026-01-01T12:00:00.000Z"],
  ["no zone is UTC", "1 Jan 2026 12:00:00", "2026-01-01T12:00:00.000Z"],
  ["a zone may have a name and an offset", "1 Jan 2026 12:00:00 GMT+01:00", "2026-01-01T11:00:00.000Z"],
  ["ctime's order is read", "Thu Jan  1 12:00:00 2026", "2026-01-01T12:00:00.000Z"],
  ["ISO 8601 is read", "2026-01-01T12:00:00.123+01:00", "2026-01-01T11:00:00.000Z"],
  ["hyphens are read", "01-Jan-2026 12:00:00 +0000", "2026-01-01T12:00:00.000Z"],
  ["a clock of twelve hours is read", "Jan 1, 2026 12:30 AM", "2026-01-01T00:30:00.000Z"],
  ["there is no 29 February 2026", "29 Feb 2026 00:00 +0000", null],
  ["there is one in 2028", "29 Feb 2028 00:00 +0000", "2028-02-29T00:00:00.000Z"],
  ["there is no 25th hour", "1 Jan 2026 24:00 +0000", null],
  ["there is no offset of a day", "1 Jan 2026 00:00 +2400", null],
  ["the hour cannot be missing", "Wed, 15 Dec 2010    59:10 -0500", null],
  ["what follows a torn time is not guessed", "Tue, 7 Apr 2026 10:00:t", null],
  ["before 1900 there was no mail", "1 Jan 1899 00:00 +0000", null],
  ["words are no date", "yesterday at noon", null],
  ["nothing is no date", "", null],
  [
    "a date at the length limit is read",
    `1 Jan 2026 00:00 +0000 (${"x".repeat(231)})`,
    "2026-01-01T00:00:00.000Z",
  ],
  ["one past it is none", `1 Jan 2026 00:00 +0000 (${"x".repeat(232)})`, null],
];

for (const [sentence, raw, expected] of cases) test(sentence, () => assert.equal(parseDate(raw), expected));

test("every second since 1970 is read as RFC 5322 writes it", () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date("2200-01-01"), noInvalidDate: true }), (date) => {
      date.setUTCMilliseconds(0);
      assert.equal(parseDate(date.toUTCString().replace("GMT", "+0000")), date.toISOString());
    }),
  );
});

test("anything else is null or a date", () => {
  const piece = fc.constantFrom(
    "1",
    "31",
    "Jan",
    "2026",
    "10:00",
    "+0100",
    "pm",
    ",",
    "(",
    ")",
    "-",
    "T",
    ":",
    "99",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
      const date = parseDate(pieces.join(" "));
      if (date !== null) assert.equal(new Date(date).toISOString(), date);
    }),
  );
});
