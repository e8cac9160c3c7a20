import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { foldCase, matchPattern, type Pattern, parsePattern } from "../../functions/mail/pattern.ts";

const parse = (text: string): Pattern => {
  const parsed = parsePattern(text);
  assert.ok(parsed.kind === "pattern", `${text} ${parsed.kind === "problem" ? parsed.problem : ""}`);
  return parsed.pattern;
};

/** What each wildcard stands for; null where the pattern does not match. */
const match = (pattern: string, value: string) =>
  matchPattern(parse(pattern), foldCase(value))?.map(({ start, end }) => value.slice(start, end)) ?? null;

const matches: readonly (readonly [string, string, string, readonly string[] | null])[] = [
  ["text matches itself", "abc", "abc", []],
  ["text does not match a part", "abc", "abcd", null],
  ["the empty pattern matches the empty value alone", "", "", []],
  ["the empty pattern matches nothing else", "", "a", null],
  ["case means nothing", "aBc", "AbC", []],
  ["beyond ASCII neither", "ÄΣ", "äσ", []],
  ["a final sigma is a sigma", "*ΟΔΟΣ", "οδος", [""]],
  ["* stands for nothing, too", "a*", "a", [""]],
  ["* stands for anything", "*", "a@b c", ["a@b c"]],
  ["a capture is not empty", "a{x}", "a", null],
  ["a capture keeps its case", "reply+{ticket}", "REPLY+AbC", ["AbC"]],
  ["a capture keeps its case behind a letter whose lower case is longer", "İ{x}", "İAb", ["Ab"]],
  ["a wildcard takes as little as it can", "{a}-{b}", "1-2-3", ["1", "2-3"]],
  ["but as much as it must", "*-x", "1-x-x", ["1-x"]],
  ["a capture takes one character more where the text stands at once", "{a}-*", "--", ["-", ""]],
  ["beginning and end may not overlap", "ab*ba", "aba", null],
  ["the text between wildcards comes in order", "*b*a*", "ab", null],
  ["a partly repeated text is found", "*aab*", "aaab", ["a", ""]],
  ["\\ takes the meaning from *", "\\*", "*", []],
  ["\\ takes the meaning from {", "\\{x\\}", "{x}", []],
  ["\\ takes the meaning from \\", "\\\\*", "\\a", ["a"]],
];

for (const [sentence, pattern, value, expected] of matches) {
  test(`${sentence}: ${pattern} on ${value}`, () => assert.deepEqual(match(pattern, value), expected));
}

const problems = [
  ["two wildcards side by side say nothing about where one ends", "**", /side by side/],
  ["a capture is a wildcard", "*{x}", /side by side/],
  ["a brace must close", "a{b", /no \}/],
  ["a brace must open", "a}b", /no \{/],
  ["a capture has a name", "{}", /bad capture/],
  ["__proto__ is no name", "{__proto__}", /bad capture/],
  ["a name has at most 32 characters", `{${"a".repeat(33)}}`, /bad capture/],
  ["a name stands once", "{a}-{a}", /twice/],
  ["a backslash stands before something", "a\\", /nothing behind/],
] as const;

for (const [sentence, pattern, problem] of problems) {
  test(`${sentence}: ${pattern}`, () => {
    const parsed = parsePattern(pattern);
    assert.match(parsed.kind === "problem" ? parsed.problem : "", problem);
  });
}

test("a capture's name may have 32 characters", () =>
  assert.deepEqual(match(`{${"a".repeat(32)}}`, "1"), ["1"]));

/** The slow obvious matcher: each wildcard tries every length, the shortest first. */
function model(tokens: readonly string[], value: string): string[] | null {
  const [token, ...rest] = tokens;
  if (token === undefined) return value === "" ? [] : null;
  if (token !== "*" && token !== "{") {
    return value.startsWith(token) ? model(rest, value.slice(token.length)) : null;
  }
  for (let length = token === "*" ? 0 : 1; length <= value.length; length++) {
    const after = model(rest, value.slice(length));
    if (after !== null) return [value.slice(0, length), ...after];
  }
  return null;
}

const letters = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 3 });
const tokensOf = fc
  .array(fc.oneof(letters, fc.constantFrom("*", "{")), { maxLength: 8 })
  .map((tokens) => tokens.filter((token) => token !== ""))
  .filter((tokens) => tokens.every((token, index) => !isWildcard(token) || !isWildcard(tokens[index - 1])));
const isWildcard = (token: string | undefined) => token === "*" || token === "{";

test("it matches and captures what a model does that tries everything", () => {
  let matched = 0;
  fc.assert(
    fc.property(tokensOf, fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 }), (tokens, value) => {
      const text = tokens.map((token, index) => (token === "{" ? `{c${index}}` : token)).join("");
      const expected = model(tokens, value);
      matched += expected === null ? 0 : 1;
      assert.deepEqual(match(text, value), expected);
    }),
    { numRuns: 5000 },
  );
  assert.ok(matched > 500, `only ${matched} of the cases matched`);
});

/** A value that counts how often it is read. */
function counted(value: string) {
  const units = {
    length: value.length,
    reads: 0,
    charCodeAt(index: number) {
      units.reads++;
      return value.charCodeAt(index);
    },
  };
  return units;
}

const hostile = [
  ["many wildcards", "*a".repeat(100), "a".repeat(100_000)],
  ["an almost-match at each place", `*${"a".repeat(250)}b*`, "a".repeat(100_000)],
  ["a repeated almost-match", `*${"ab".repeat(60)}c*${"ab".repeat(60)}d`, "ab".repeat(50_000)],
  ["captures between", "{a}a{b}a{c}a{d}b", "a".repeat(100_000)],
] as const;

for (const [sentence, pattern, value] of hostile) {
  test(`the reads are at most three for each character: ${sentence}`, () => {
    const units = counted(value);
    matchPattern(parse(pattern), units);
    assert.ok(units.reads <= 3 * value.length + pattern.length, `${units.reads} reads`);
    assert.ok(units.reads > 0);
  });
}

test("folding keeps every character's length, whatever stands around it", () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    const folded = foldCase(`a${character}Σ`);
    assert.equal(folded.length, character.length + 2, code.toString(16));
    assert.equal(foldCase(folded), folded, code.toString(16));
  }
});
