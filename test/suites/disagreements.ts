const unclosed =
  "policy: text of a multipart that is not closed is text, where theirs makes the last part an attachment";
const longerBoundary = "theirs: takes a longer line for the boundary that it begins with";
const outerBoundary = "theirs: does not end an inner multipart at the boundary of the outer one";
const endedMultipart = "theirs: goes back into a multipart that an outer boundary has ended";
const lump = "policy: a multipart whose boundary never comes is text, where theirs makes it an attachment";
const firstField = "policy: of two Content-Type fields the first counts, as in mailparser and mail programs";
const localName = "policy: a lone word is a local mailbox, where theirs takes it for a name";
const notBase64 = "policy: what is no base64 is left out, where theirs leaves the whole part as it stands";
const rawHeader = "theirs: shows raw Latin-1 in a header as broken UTF-8";
const rawText = "theirs: shows Latin-1 that is declared as UTF-8, or as nothing, as broken UTF-8";
const attachedText = "policy: an attached text is stored as sent, where theirs turns it into UTF-8";
const flowed = "policy: format=flowed text is joined into paragraphs (RFC 3676)";
const blank = "policy: text of blanks alone gives way to what the HTML says";

/** Mail and field: why this stage and the golden differ, and whose it is. */
export const disagreements: ReadonlyMap<string, string> = new Map([
  ["legacy/009 text", flowed],
  ["legacy/010 subject", rawHeader],
  ["legacy/010 to", rawHeader],
  ["legacy/017 to", rawHeader],
  ["legacy/020 subject", rawHeader],
  ["legacy/020 to", rawHeader],
  ["legacy/022 subject", rawHeader],
  ["legacy/022 to", rawHeader],
  ["legacy/023 attachmentBytes", attachedText],
  ["legacy/026 attachmentBytes", attachedText],
  ["legacy/027 subject", rawHeader],
  ["legacy/027 to", rawHeader],
  ["legacy/033 text", rawText],
  ["legacy/037 text", blank],
  ["legacy/045 attachmentBytes", attachedText],
  ["legacy/047 attachmentBytes", attachedText],
  ["legacy/049 text", "theirs: drops an empty last line where lines end in a bare LF"],
  ["legacy/052 subject", rawHeader],
  ["legacy/052 text", rawText],
  ["legacy/052 to", rawHeader],
  ["malformed/001 attachmentBytes", endedMultipart],
  ["malformed/001 attachmentCount", endedMultipart],
  ["malformed/001 text", endedMultipart],
  ["malformed/002 attachmentBytes", lump],
  ["malformed/002 attachmentCount", lump],
  ["malformed/002 text", lump],
  ["malformed/003 attachmentBytes", unclosed],
  ["malformed/003 attachmentCount", unclosed],
  ["malformed/003 text", unclosed],
  ["malformed/004 attachmentBytes", longerBoundary],
  ["malformed/004 attachmentCount", longerBoundary],
  ["malformed/004 text", longerBoundary],
  ["malformed/006 attachmentBytes", unclosed],
  ["malformed/006 attachmentCount", unclosed],
  ["malformed/006 text", unclosed],
  [
    "malformed/007 attachmentBytes",
    "theirs: makes an attachment of no bytes out of a boundary inside a header",
  ],
  [
    "malformed/007 attachmentCount",
    "theirs: makes an attachment of no bytes out of a boundary inside a header",
  ],
  ["malformed/008 attachmentBytes", unclosed],
  ["malformed/008 attachmentCount", unclosed],
  ["malformed/008 html", unclosed],
  ["malformed/008 text", unclosed],
  ["malformed/009 attachmentBytes", outerBoundary],
  ["malformed/009 attachmentCount", outerBoundary],
  ["malformed/009 text", outerBoundary],
  ["malformed/011 attachmentBytes", outerBoundary],
  ["malformed/011 attachmentCount", outerBoundary],
  ["malformed/011 text", outerBoundary],
  ["malformed/012 attachmentBytes", outerBoundary],
  ["malformed/012 attachmentCount", outerBoundary],
  ["malformed/016 attachmentBytes", endedMultipart],
  ["malformed/016 attachmentCount", endedMultipart],
  ["malformed/016 text", endedMultipart],
  ["malformed/019 date", "policy: a date that is torn in its time is null, where theirs reads 10:00"],
  ["malformed/019 text", blank],
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
  ["thirdparty/015 attachmentBytes", outerBoundary],
  ["thirdparty/015 attachmentCount", outerBoundary],
  ["thirdparty/015 text", flowed],
]);
