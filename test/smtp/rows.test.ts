import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

/**
 * What the front end must show, each row with where it comes from (sections of RFC 5321 where no other RFC is named). A
 * row is shown by the dialogues that begin with its number, and some of it by tests named `row N: …` too. Dialogues that
 * begin with `rfc` show what the RFCs ask for beside these.
 */
const rows = [
  [1, "§2.3.8: a line that ends in a bare LF is no command"],
  [2, "§4.1.1.4: nothing but CRLF.CRLF ends the data"],
  [3, "§4.1.1.4: the CRLF before the last dot belongs to the message"],
  [4, "§4.1.1.4: a message may be empty"],
  [5, "§4.5.2: one dot that starts a line is taken off, behind a CRLF alone"],
  [6, "§2.4: nothing happens before the CRLF"],
  [7, "Bare CR, bare LF and NUL refuse the message at its true end"],
  [8, "§4.5.3.1.6: lines past 1,000 octets are kept as they are, and flagged"],
  [9, "§4.1.2: control characters are refused in commands"],
  [10, "RFC 2920 §3.1: grouped commands are answered in order"],
  [11, "RFC 2920 §3.1: a body before 354 ends the session"],
  [12, "RFC 2920: no split of the client's octets changes a reply"],
  [13, "§3.1: a client that is refused may but QUIT"],
  [14, "§4.3.1: who speaks before the greeting is turned away"],
  [15, "§4.1.4: MAIL needs EHLO or HELO"],
  [16, "§4.1.4: NOOP, HELP, VRFY, EXPN, RSET and QUIT do not"],
  [17, "§4.1.1.1: HELO has one line for an answer"],
  [18, "§4.1.4: EHLO within a transaction ends it"],
  [19, "§4.1.4: the name in EHLO is no reason to refuse"],
  [20, "§4.1.1.1: EHLO and HELO need an argument, which may be an address literal"],
  [21, "§3.3: a second MAIL is refused, and the first one stands"],
  [22, "§3.3: RCPT needs MAIL"],
  [23, "§4.1.1.4: DATA needs MAIL and RCPT"],
  [24, "RFC 2920 §3.1: DATA behind refused recipients alone is refused"],
  [25, "§4.1.4: a syntax error changes nothing"],
  [26, "§4.1.1.5: RSET takes no argument, and closes nothing"],
  [27, "§4.1.1.10: QUIT is answered, then the connection closes"],
  [28, "§4.1.1.6-9: VRFY, EXPN, HELP and NOOP leave the transaction alone"],
  [29, "§3.5.3: VRFY never says 250"],
  [30, "§3.8: an unknown command closes nothing"],
  [31, "§4.2.4: a known command that is not offered is 502"],
  [32, "§2.4: verbs and keywords have no case"],
  [33, "§4.1.1: white space before the CRLF is let pass"],
  [34, "§4.1.1.4: DATA takes no argument"],
  [35, "§4.1.1.10: what was not ended is not kept, what was answered 250 is"],
  [36, "§3.8: a stop or a deadline is 421, then the connection closes"],
  [37, "§4.5.3.1.5: replies are 7-bit lines of at most 512 octets"],
  [38, "§4.5.5: the null reverse-path"],
  [39, "§4.5.1: the bare Postmaster"],
  [40, "§4.1.2: quoted local parts; what need not be quoted is the same unquoted"],
  [41, "§2.4: the case of local parts is kept, that of domains means nothing"],
  [42, "§4.1.3: address literals"],
  [43, "§4.5.3.1.1-3: lengths of local part, domain and path"],
  [44, "§4.1.1.2: paths that are none"],
  [45, "§4.1.1.11: unknown parameters are 555"],
  [46, "§4.1.1.11: parameters that come twice, or without their value, are 501"],
  [47, "RFC 1870 §6.1: a declared size past the limit is refused at MAIL"],
  [48, "RFC 1870 §6.3: a real one after the message, and the session goes on"],
  [49, "RFC 6531 §3.5: addresses beyond ASCII need SMTPUTF8"],
  [50, "RFC 6531 §3.1: and must be UTF-8"],
  [51, "RFC 8689 §3: REQUIRETLS needs TLS, and is offered under it alone"],
  [52, "§4.5.3.1.8: a hundred recipients"],
  [53, "§4.5.3.1.10: past the limit 452, and the others get the message"],
  [54, "RFC 9422: LIMITS says the limit that holds"],
  [55, "§4.5.3.1.4: command lines of 512 octets, and what extensions add"],
  [56, "§4.5.3.2.7: a command is waited for at least five minutes"],
  [57, "A message has a least rate, and a transaction an end"],
  [58, "§6.1: a store that fails or is late is 451, and nothing is kept"],
  [59, "Failures are answered later and later, and end the session"],
  [60, "Connections of one address are limited"],
  [61, "HTTP ends the session"],
  [62, "§4.4: one Received stands in front"],
  [63, "§4.4: FOR names one recipient, or none"],
  [64, "§3.7.2: earlier trace fields stay as they are"],
  [65, "§6.3: a hundred hops are a loop"],
  [66, "§4.4: one Return-Path, with the reverse-path"],
  [67, "§4.2.5: 250 means that it is stored"],
  [68, "§6.4: content is neither repaired nor refused"],
  [69, "RFC 3207 §4: STARTTLS that cannot be"],
  [70, "RFC 3207 §4.2: TLS begins anew"],
  [71, "RFC 3207 §4: what was sent in the clear behind STARTTLS is never run"],
  [72, "RFC 2034 §3: enhanced codes, of the code's class"],
  [73, "RFC 3030 §2: BDAT"],
  [74, "RFC 3030 §2: the octets of a refused BDAT are read first"],
  [75, "RFC 3030 §2: DATA is refused once BDAT began"],
  [76, "RFC 3030 §2: a BDAT without a size ends the session"],
  [77, "RFC 3030 §3: BINARYMIME needs BDAT"],
  [78, "RFC 3030: dots and newlines mean nothing in chunks"],
  [79, "XCLIENT is for listed proxies"],
  [80, "PROXY headers are read from listed balancers alone, and what is none closes"],
  [81, "RFC 2033: LMTP"],
  [82, "RFC 3461: what a sender wants to hear is kept"],
  [83, "RFC 6533 §3: so is an original recipient beyond ASCII"],
  [84, "RFC 4954: AUTH"],
] as const;

const folder = new URL("./", import.meta.url);
const dialogues = readdirSync(new URL("dialogues/", folder));

for (const [number, sentence] of rows) {
  test(`row ${number} has a dialogue: ${sentence}`, () =>
    assert.ok(dialogues.some((file) => file.startsWith(`${String(number).padStart(2, "0")}-`))));
}

test("every dialogue belongs to a row, or to a section of an RFC, and says so", () => {
  for (const file of dialogues) {
    const [first] = readFileSync(new URL(`dialogues/${file}`, folder), "utf8").split("\n");
    const [, row, rfc] = /^(?:(\d\d)|rfc(\d+)(?:-[\d.]+)?)-[a-z\d-]+\.smtp$/.exec(file) ?? [];
    const isRow = rows.some(([number]) => number === Number(row));
    assert.ok(isRow || rfc !== undefined, `${file} is named after nothing`);
    assert.match(
      first ?? "",
      new RegExp(isRow ? `^# Row (?:\\d+ and )?${Number(row)}\\b` : `^# RFC ${rfc} `),
    );
  }
});
