const unclosed =
  "policy: text of a multipart that is not closed is text, where theirs makes the last part an attachment";
const boundaries = "theirs: matches the beginning of a longer boundary, or none of an outer multipart";
const lump = "policy: a multipart whose boundary never comes is text, where theirs makes it an attachment";
const firstField = "policy: of two Content-Type fields the first counts, as in mailparser and mail programs";
const localName = "policy: a lone word is a local mailbox, where theirs takes it for a name";
const notBase64 = "policy: what is no base64 is left out, where theirs leaves the whole part as it stands";
const nestedUnquoted = "theirs: ends at an inner boundary and misses two of the three attached messages";

/** Mail and field: why this stage and the golden differ, and whose it is. */
export const disagreements: ReadonlyMap<string, string> = new Map([
  ["malformed/001 attachmentBytes", unclosed],
  ["malformed/001 attachmentCount", unclosed],
  ["malformed/001 text", boundaries],
  ["malformed/002 attachmentBytes", lump],
  ["malformed/002 attachmentCount", lump],
  ["malformed/002 text", lump],
  ["malformed/003 attachmentBytes", unclosed],
  ["malformed/003 attachmentCount", unclosed],
  ["malformed/003 text", unclosed],
  ["malformed/004 attachmentBytes", boundaries],
  ["malformed/004 attachmentCount", boundaries],
  ["malformed/004 text", boundaries],
  ["malformed/006 attachmentBytes", unclosed],
  ["malformed/006 attachmentCount", unclosed],
  ["malformed/006 text", unclosed],
  ["malformed/007 attachmentBytes", unclosed],
  ["malformed/007 attachmentCount", unclosed],
  ["malformed/008 attachmentBytes", unclosed],
  ["malformed/008 attachmentCount", unclosed],
  ["malformed/008 html", unclosed],
  ["malformed/008 text", unclosed],
  ["malformed/009 attachmentBytes", boundaries],
  ["malformed/009 attachmentCount", boundaries],
  ["malformed/009 text", boundaries],
  ["malformed/011 attachmentBytes", boundaries],
  ["malformed/011 attachmentCount", boundaries],
  ["malformed/011 text", boundaries],
  ["malformed/012 attachmentBytes", boundaries],
  ["malformed/012 attachmentCount", boundaries],
  ["malformed/016 attachmentBytes", boundaries],
  ["malformed/016 attachmentCount", boundaries],
  ["malformed/016 text", boundaries],
  ["malformed/019 date", "policy: a date that is torn in its time is null, where theirs reads 10:00"],
  ["malformed/019 text", "policy: text that is empty gives way to what the HTML says"],
  ["malformed/020 html", firstField],
  ["malformed/020 text", firstField],
  ["malformed/021 html", firstField],
  ["malformed/021 text", firstField],
  ["rfc/000 attachmentBytes", notBase64],
  ["rfc/001 from", localName],
  ["rfc/001 to", localName],
  ["rfc/004 from", localName],
  ["rfc/004 to", localName],
  ["rfc/007 html", "policy: plain text beside HTML is part of the HTML too, escaped"],
  ["rfc/008 attachmentBytes", "policy: an attached message is stored decoded; the golden has it in base64"],
  ["thirdparty/002 attachmentBytes", notBase64],
  ["thirdparty/002 attachmentCount", notBase64],
  ["thirdparty/002 text", "policy: base64 goes on behind its padding, since some programs pad each line"],
  ["thirdparty/005 text", "policy: half a character at the end shows, and a boundary inside a line is text"],
  ["thirdparty/015 attachmentBytes", nestedUnquoted],
  ["thirdparty/015 attachmentCount", nestedUnquoted],
  ["thirdparty/015 text", "policy: format=flowed text is joined into paragraphs (RFC 3676)"],
]);
