import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { htmlToText } from "../../functions/parse/html-text.ts";

const cases: [sentence: string, html: string, expected: string][] = [
  ["white space is collapsed", " a\n  b\tc ", "a b c"],
  ["paragraphs stand apart", "<p>a</p><p>b</p>", "a\n\nb"],
  ["blocks stand on lines of their own", "a<div>b</div>c", "a\nb\nc"],
  ["inline elements do not part words", "a<b>b</b><i>c</i>", "abc"],
  ["line breaks are kept", "a<br>b<br/>c</br>d", "a\nb\nc\nd"],
  ["an empty line is one, however many there are", "a<br><br><br>b<div><br></div><p></p>c", "a\n\nb\n\nc"],
  ["lists have bullets", "<ul><li>a<li>b</ul>", "* a\n* b"],
  ["or numbers", "<ol><li>a</li><li>b<ul><li>c</ul></li><li>d</ol>", "1. a\n2. b\n\n* c\n\n3. d"],
  ["cells stand beside each other, rows below", "<table><tr><th>a<td>b<tr><td>c</table>", "a b\nc"],
  [
    "quotes are marked",
    "<blockquote>a<blockquote>b</blockquote>c</blockquote>d",
    "> a\n>\n> > b\n>\n> c\n\nd",
  ],
  ["preformatted text stays", "<pre>a\n  b\n\n c</pre>", "a\n  b\n\n c"],
  ["a rule is a line", "a<hr>b", "a\n---\nb"],
  ["a link shows where it goes", '<a href="https://x.test/?a&amp;b">go</a>', "go <https://x.test/?a&b>"],
  ["unless its text says so", '<a href="https://x.test/">x.test/</a>', "x.test/"],
  ["or it is no page", '<a href="mailto:a@b.test">mail</a> <a href="javascript:x()">run</a>', "mail run"],
  ["a picture is its alternative text", '<img src=x alt="A &quot;logo&quot;">', 'A "logo"'],
  ["entities are read", "&lt;&#8364;&#x20ac;&euro;&copy;&eacute;&nbsp;&lt", "<€€€©é <"],
  ["so are those of windows-1252", "&#128;&#x93;", "€“"],
  ["what is no character is replaced", "&#0;&#xd800;&#x110000;", "\u{fffd}\u{fffd}\u{fffd}"],
  ["what is no entity stays", "&bogus; AT&T a & b &", "&bogus; AT&T a & b &"],
  [
    "scripts, styles and titles are no text",
    "<title>t</title><style>p{}</style><script>'<p>'</script>a",
    "a",
  ],
  ["comments are none", "a<!-- <p> -->b<!-->c<!--->d<!x>e<?y?>f", "abcdef"],
  ["a smaller-than sign is text", "1 < 2 <3 a<", "1 < 2 <3 a<"],
  ["a bigger-than sign may stand in an attribute", '<a title="x>y">z</a>', "z"],
  ["a quote that is not closed ends at its tag", '<p title="x>a<p>b', "a\n\nb"],
  [
    "hidden elements are left out",
    '<div style="color:red; DISPLAY : none">a<b>b</b></div>c<p hidden>d</p>',
    "c",
  ],
  ["to the end of what they stand in", '<table><td><div style="display:none">a</td><td>b</table>', "b"],
  ["an end tag without a start is nothing", "a</b></div></blockquote>b", "ab"],
  ["case does not matter", "<P>a<BR>b</P>", "a\nb"],
  ["nothing is nothing", "<html><body></body></html>", ""],
];

for (const [sentence, html, expected] of cases)
  test(sentence, () => assert.equal(htmlToText(html), expected));

const size = 200_000;
const floods = [
  "<blockquote>",
  "<div>",
  "<",
  "<a ",
  '<a b="',
  "<a b='\"",
  "<!--",
  "<script>",
  "</p>",
  "&",
  "&#x",
  "<ol><li>",
];
for (const flood of floods) {
  test(`${size} characters of ${flood} come to an end`, () => {
    assert.ok(htmlToText(`${flood.repeat(size / flood.length)}text`).length <= 2 * size);
  });
}

test("text without markup comes back, white space aside", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const html = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      assert.equal(
        htmlToText(`<p>${html}</p>`),
        text
          .replace(/[ \t\r\n\f]+/g, " ")
          .replace(/^ /, "")
          .replaceAll("\u{a0}", " ")
          .trimEnd(),
      );
    }),
  );
});

test("anything can be read as HTML, and becomes no more than it was", () => {
  const piece = fc.constantFrom(
    "<",
    ">",
    "</",
    "a",
    "<p",
    "<li>",
    "<ul>",
    "<pre>",
    '"',
    "'",
    "=",
    "&lt;",
    "<!--",
    "-->",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 50 }), (pieces) => {
      const html = pieces.join("");
      assert.ok(htmlToText(html).length <= 2 * html.length);
    }),
  );
});
