import { parseLimits } from "../../../functions/parse/parse-limits.ts";
import {
  encoded,
  fill,
  type HostileRow,
  html,
  join,
  mail,
  megabyte,
  multipart,
  text,
  typed,
} from "./pieces.ts";

const { bodyLinesMax } = parseLimits;

const line = `${"a".repeat(76)}\r\n`;
const bounce = "From: MAILER-DAEMON@b.test\r\nSubject: Undelivered mail\r\n\r\n";
const report = (type: string, ...fields: Parameters<typeof mail>) =>
  mail(
    multipart("b", `report; report-type=${type}`),
    `--b\r\nContent-Type: message/${type}\r\n\r\n`,
    ...fields,
  );
const calendar = (...lines: Parameters<typeof mail>) =>
  typed("text/calendar", "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n", ...lines);

/** The text of a body: its sizes, its encodings and its character sets. */
export const contents: readonly HostileRow[] = [
  ["40 MB of text", () => text(fill(line, 40 * megabyte)), true, ["body-cut"]],
  ["40 MB of HTML", () => html(fill(`<p>${line}`, 40 * megabyte)), true, ["body-cut"]],
  ["one line of 20 MB", () => text(fill("a", 20 * megabyte)), true, ["body-cut"]],
  ["one line of HTML of 20 MB", () => html(fill("<i>a", 20 * megabyte)), true, ["body-cut"]],
  ["one line of base64 of 20 MB", () => encoded("base64", fill("QUJD", 20 * megabyte)), true, []],
  ["40 MB of base64", () => encoded("base64", fill(`${"QUJD".repeat(19)}\r\n`, 40 * megabyte)), true, []],
  ["20 MB of quoted-printable", () => encoded("quoted-printable", fill("=41=\r\n", 5 * megabyte)), true, []],
  ["as many lines as allowed", () => text(fill("\n", bodyLinesMax)), true, []],
  ["one more", () => text(fill("\n", bodyLinesMax + 1)), false, ["body-lines-too-many"]],
  ["5 MB of bare CRs", () => text(fill("\r", 5 * megabyte)), true, ["body-cut"]],
  ["5 MB of what is no base64", () => encoded("base64", fill("*", 5 * megabyte)), true, []],
  ["base64 that is padded at each line", () => encoded("base64", fill("QQ==\r\n", 3 * megabyte)), true, []],
  ["base64 of padding alone", () => encoded("base64", fill("=", 5 * megabyte)), true, []],
  ["5 MB of equals signs", () => encoded("quoted-printable", fill("=", 5 * megabyte)), true, []],
  ["an encoding that is none", () => encoded("x-uuencode", fill(line, megabyte)), true, ["encoding-unknown"]],
  ["5 MB of NULs", () => text(fill("\0", 5 * megabyte)), true, ["body-cut", "nul-removed"]],
  ["5 MB that are no UTF-8", () => text(fill("\xff", 5 * megabyte)), true, ["body-cut", "charset-wrong"]],
  [
    "UTF-7 of 2 MB",
    () => typed("text/plain; charset=utf-7", fill("+AAA", 2 * megabyte)),
    true,
    ["nul-removed"],
  ],
  [
    "2 MB of beginnings of UTF-7",
    () => typed("text/plain; charset=utf-7", fill("+", 2 * megabyte)),
    true,
    ["body-cut"],
  ],
  [
    "2 MB of shifts of ISO-2022-KR",
    () => typed("text/plain; charset=iso-2022-kr", fill("\x0e!!\x0f", 2 * megabyte)),
    true,
    [],
  ],
  [
    "2 MB of shifts of HZ",
    () => typed("text/plain; charset=hz-gb-2312", fill("~{!!", 2 * megabyte)),
    true,
    ["body-cut"],
  ],
  [
    "2 MB of escapes of ISO-2022-JP",
    () => typed("text/plain; charset=iso-2022-jp", fill("\x1b$B\x1b(B", 2 * megabyte)),
    true,
    ["charset-wrong"],
  ],
  [
    "UTF-16 of half surrogates",
    () => typed("text/plain; charset=utf-16le", fill("\x00\xd8", 2 * megabyte)),
    true,
    ["body-cut", "charset-wrong"],
  ],
  [
    "a character set of 200 KB",
    () => typed(`text/plain; charset=${"x".repeat(200_000)}`, "text"),
    true,
    ["charset-unknown"],
  ],
  [
    "flowed lines that never end",
    () => typed("text/plain; format=flowed; delsp=yes", fill("a \n", 2 * megabyte)),
    true,
    [],
  ],
  [
    "flowed quotes of 1,000,000 levels",
    () => typed("text/plain; format=flowed", fill(">", megabyte), " \n>a"),
    true,
    [],
  ],
  [
    "5 MB without a header",
    () => fill("a", 5 * megabyte),
    true,
    ["body-cut", "from-missing", "header-missing"],
  ],
  ["NULs alone", () => fill("\0", 1000), true, ["from-missing", "header-missing", "nul-removed"]],

  ["HTML nested 100,000 deep", () => html(fill("<blockquote>", 1_200_000), "text"), true, []],
  ["100,000 tables in each other", () => html(fill("<table><tr><td>", 1_500_000), "text"), true, []],
  ["lists in each other", () => html(fill("<ol><li>", 1_600_000), "text"), true, []],
  ["links in each other", () => html(fill("<a href=https://a.test>b", 2 * megabyte)), true, []],
  ["1 MB of open tags", () => html(fill("<", megabyte)), true, []],
  ["end tags alone", () => html(fill("</p></div>", 2 * megabyte)), true, []],
  ["comments without an end", () => html(fill("<!--", 2 * megabyte)), true, []],
  ["styles without an end", () => html(fill("<style>", 2 * megabyte)), true, []],
  ["a tag of 500,000 attributes", () => html("<p ", fill("a=b ", 2 * megabyte)), true, []],
  ["attributes with quotes that stay open", () => html(fill("<p a=\"b'", 2 * megabyte)), true, []],
  ["character references", () => html(fill("&#x110000;&amp&", 2 * megabyte)), true, []],
  ["beginnings of character references", () => html(fill("&#", 2 * megabyte)), true, []],
  [
    "hidden elements in each other",
    () => html(fill("<p style=display:none>", 2 * megabyte), "text"),
    true,
    [],
  ],
  ["preformatted text in preformatted text", () => html(fill("<pre>a\n", 2 * megabyte)), true, []],

  ["2 MB of quote marks", () => text(fill("> ", 2 * megabyte)), true, []],
  ["lines that are all a quote", () => text(fill(">\n", 1_900_000)), true, []],
  [
    "lines that are all an attribution",
    () => text(fill("On 1 Jan 2026 at 01:01, a <a@b.test> wrote:\n", 2 * megabyte)),
    true,
    [],
  ],
  ["lines that are almost one", () => text(fill("1 a@b.test 2026\n", 2 * megabyte)), true, []],
  ["lines that are all a quoted header", () => text(fill("From: a\n", 2 * megabyte)), true, []],
  ["lines that are all a signature", () => text(fill("-- \n", 2 * megabyte)), true, []],
  ["lines that are all rules", () => text(fill("____\n\n", 2 * megabyte)), true, []],
  ["lines that are all a footer", () => text(fill("Sent from my a\n", 2 * megabyte)), true, []],
  ["addresses without an end", () => text(fill("a@", 2 * megabyte)), true, []],

  [
    "a bounce of addresses",
    () => join(bounce, "Not delivered.\n", fill("a@b.test 550 5.1.1 no\n", megabyte)),
    true,
    [],
  ],
  ["a bounce of one sentence", () => join(bounce, fill("not delivered 5.1.1 ", megabyte)), true, []],
  [
    "a bounce of headers",
    () => join(bounce, "Not delivered.\n\n", fill("From: a\nTo: b\n\n", megabyte)),
    true,
    [],
  ],
  [
    "a report of 20,000 recipients",
    () => report("delivery-status", fill("Final-Recipient: a@b\nAction: failed\n\n", megabyte)),
    true,
    [],
  ],
  [
    "a report that is one field",
    () => report("delivery-status", "Diagnostic-Code: ", fill("5.1.1 ", megabyte)),
    true,
    [],
  ],
  [
    "a complaint of 50,000 recipients",
    () => report("feedback-report", fill("Original-Rcpt-To: a@b\n", megabyte)),
    true,
    [],
  ],
  [
    "a receipt that is one field",
    () => report("disposition-notification", "Disposition: ", fill("a/", megabyte)),
    true,
    [],
  ],
  ["30,000 events", () => calendar(fill("BEGIN:VEVENT\r\nUID:1\r\nEND:VEVENT\r\n", megabyte)), true, []],
  ["components that never end", () => calendar(fill("BEGIN:VEVENT\r\n", megabyte)), true, []],
  [
    "a rule that recurs each second",
    () =>
      calendar(
        "BEGIN:VTIMEZONE\r\nTZID:x\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nRRULE:FREQ=SECONDLY\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=x:99991231T235959\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
      ),
    true,
    [],
  ],
  ["a folded line of 1 MB", () => calendar("BEGIN:VEVENT\r\nSUMMARY:a", fill("\r\n b", megabyte)), true, []],
];
