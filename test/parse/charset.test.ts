import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeText } from "../../functions/parse/charset.ts";
import { warned } from "./warned.ts";

const wrong = ["charset-wrong"];

/** Bytes as latin1 text. */
const cases: [sentence: string, bytes: string, charset: string | null, expected: string, codes?: string[]][] =
  [
    ["UTF-8 is read", "\xe2\x82\xac", "UTF-8", "€"],
    ["a byte order mark is no text", "\xef\xbb\xbfa", "utf-8", "a"],
    ["no charset and UTF-8 is UTF-8", "\xe2\x82\xac", null, "€"],
    ["no charset and Latin is windows-1252, with a warning", "\x80\xe9", null, "€é", wrong],
    ["ASCII that is more is UTF-8 where it can be", "\xe2\x82\xac", "us-ascii", "€"],
    ["Latin-1 means windows-1252", "\x93\xe9\x94", "iso-8859-1", "“é”"],
    ["its five undefined bytes stay control characters", "\x81\x8d", "windows-1252", "\x81\x8d"],
    ["UTF-8 in it is told by its bytes, with a warning", "\xc3\xa9", "windows-1252", "é", wrong],
    [
      "UTF-8 with broken bytes stays UTF-8, with a warning",
      "\xc3\xa9\xc3\xa9 \xff",
      "utf-8",
      "éé \u{fffd}",
      wrong,
    ],
    [
      "more broken than not is windows-1252 where nothing is declared",
      "\xc3\xa9\xe9\xe8",
      null,
      "Ã©éè",
      wrong,
    ],
    ["where UTF-8 is declared it takes more", "\xc3\xa9\xe9\xe8", "utf-8", "é\u{fffd}\u{fffd}", wrong],
    ["quotes and case around a name do not matter", "\xe9", ' "ISO-8859-1" ', "é"],
    ["UTF-16 has a byte order mark", "\xff\xfea\0", "utf-16", "a"],
    ["without one it is big-endian", "\0a\0b", "utf-16", "ab"],
    ["unless its ASCII shows the other order", "a\0b\0", "utf-16", "ab"],
    ["UTF-7 is read", "a +IKw- b+-", "unicode-1-1-utf-7", "a € b+"],
    ["escapes of ISO-2022-JP are known without a name", "\x1b$BF|\x1b(B", null, "日"],
    ["ISO-2022-KR shifts", "\x1b$)Ca\x0e>H\x0fb", "iso-2022-kr", "a안b"],
    ["HZ shifts", "a~~~{Dc~}", "hz-gb-2312", "a~你"],
    ["HZ has pairs with a tilde", "~{8~~}b", "hz-gb-2312", "羹b"],
    ["HZ ends with the line", "~{Dc\nDc", "hz-gb-2312", "你\nDc"],
    ["CP932 is Shift_JIS", "\x83e", "cp932", "テ"],
    ["an unknown name is guessed, with a warning", "\xe9", "x-klingon", "é", ["charset-unknown"]],
    ["a name that says nothing is no name", "\xc3\xa9", "unknown-8bit", "é"],
    ["__proto__ is an unknown name", "a", "__proto__", "a", ["charset-unknown"]],
  ];

for (const [sentence, bytes, charset, expected, codes = []] of cases) {
  test(sentence, () => {
    assert.deepEqual(
      warned((warn) => decodeText(Buffer.from(bytes, "latin1"), charset, warn)),
      [expected, codes],
    );
  });
}

test("any bytes in any charset are text", () => {
  const charset = fc.oneof(
    fc.constantFrom(
      null,
      "utf-8",
      "utf-7",
      "utf-16",
      "iso-2022-jp",
      "iso-2022-kr",
      "hz",
      "gb18030",
      "big5",
      "euc-jp",
    ),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.uint8Array(), charset, (bytes, name) => {
      assert.ok(warned((warn) => decodeText(Buffer.from(bytes), name, warn))[0].isWellFormed());
    }),
  );
});
