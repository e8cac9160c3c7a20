/**
 * The reply in the corpora's replies: `MAILCHUTE_CORPORA=<folder> node test/suites/replies.ts`. What a reader takes for
 * the sender's own text is noted here as the lines it has; a line of it that is lost fails the run, and so do more
 * leftovers than are known.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { htmlToText } from "../../functions/parse/html-text.ts";
import { parseReply } from "../../functions/parse/reply.ts";
import { parseData } from "../parse/parse-data.ts";

const corpora = process.env["MAILCHUTE_CORPORA"];

/** How many lines from the first are the sender's own, and in which files; `~` is `email_`. Templates are left out. */
const crisp: readonly [lines: number, files: string][] = [
  [
    1,
    `correct_sig ~19 ~20 ~2_1 ~4 ~blackberry ~custom_quote_header ~customer_quote_header_2 ~emoji
     ~iphone ~multi_word_sent_from_my_mobile_device ~sent_from ~thread ~tricky_17_forward_header
     ~tricky_9_nested_quotes ~unquoted_reply sig_no_empty_line`,
  ],
  [2, "~zoho"],
  [3, "~6 ~customer_quote_header_3 ~sent_from_my_not_signature ~tricky_20_html_entities"],
  [4, "~tricky_11_double_signature ~tricky_16_unicode_signatures"],
  [
    5,
    `~10 ~11 ~12 ~13 ~14 ~15 ~16 ~17 ~18 ~22 ~23 ~24 ~25 ~26 ~3 ~7 ~8 ~9 ~danish_dash_separator
     ~en_multiline_2 ~finnish ~fr_multiline ~french_2 ~french_dash_separator ~german ~german_2
     ~german_3 ~german_outlook ~gmail_split_line_from ~ios_outlook ~ios_outlook_fr ~italian ~msn
     ~norwegian_gmail ~one_is_not_on ~original_message ~original_message_2 ~outlook_split_line_from
     ~portuguese ~russian ~tricky_10_special_chars_in_name ~tricky_12_no_space_after_header
     ~tricky_14_long_quote_header ~tricky_15_original_message_variations ~tricky_4_from_in_body
     ~tricky_5_mixed_languages ~tricky_8_sent_from_in_content`,
  ],
  [6, "~tricky_1_on_false_positive"],
  [7, "~1 ~tricky_6_regards_in_sentence"],
  [8, "~tricky_2_url_with_wrote"],
  [9, "~bullets ~tricky_13_timestamp_variations"],
  [10, "~not_a_signature_2 ~with_regards"],
  [11, "~reply_header"],
  [12, "~tricky_18_inline_reply ~tricky_19_quote_without_header ~tricky_3_code_block"],
  [15, "~5 ~tricky_7_multiple_dashes"],
  [16, "~not_a_signature"],
  [34, "~2"],
  [638, "~21"],
];
const templates = ["email_with_date_headers", "email_with_from_headers"];

/** Among the lines that are not blank: which are the sender's own, from 0. */
const talon: readonly [path: RegExp, first: number, end: number][] = [
  [/^html_replies/, 0, 3],
  [/^reply-separated-by-hr/, 0, 3],
  [/^OLK_SRC_BODY_SECTION/, 0, 1],
  [/^reply-quotations-share-block/, 0, 2],
  [/^standard_replies.thunderbird/, 2, 3],
  [/^standard_replies/, 0, 1],
];

/** Texts that end in a quote or a signature by no sign but its words, which stays: the reader may have asked for it. */
const leftoversMax = { crisp: 2, talon: 0 };

async function runCrisp(folder: string): Promise<void> {
  const score = new Score("crisp");
  const noted = new Set<string>(templates);
  for (const [count, files] of crisp) {
    for (const name of files.split(/\s+/).map((file) => file.replace("~", "email_"))) {
      const text = await readText(join(folder, `${name}.txt`));
      score.add(name, text, text.split("\n").slice(0, count));
      noted.add(name);
    }
  }
  const missing = (await readdir(folder)).filter((file) => !noted.has(file.replace(/\.txt$/, "")));
  if (missing.length > 0) fail(`nothing is noted for ${missing.join(", ")}`);
  score.print();
}

async function runTalon(folder: string): Promise<void> {
  const score = new Score("talon");
  for (const path of (await readdir(folder, { recursive: true })).sort()) {
    if (!/\.(?:eml|html)$/.test(path)) continue;
    const [, first, end] = talon.find(([pattern]) => pattern.test(path)) ?? [];
    if (first === undefined) fail(`nothing is noted for ${path}`);
    const text = await readMail(join(folder, path));
    score.add(path, text, spoken(text).slice(first, end));
  }
  score.print();
}

/** Signatures that only the sender's name, or a mark in the corpus, tells from the text: no other line may be lost. */
async function runSignatures(folder: string): Promise<void> {
  for (const path of await readdir(folder, { recursive: true })) {
    if (!/_body$|P.(?:unicode_msg|102682_R_S)$/.test(path)) continue;
    const text = await readText(join(folder, path));
    const own = spoken(text).filter((line) => !/^#|^_{2,}|^--$/.test(line));
    const { text: reply } = parseReply(text);
    if (own.some((line) => !spoken(reply).includes(line))) fail(`${path}: lost a line`);
  }
}

class Score {
  #exact = 0;
  #all = 0;
  readonly #name: "crisp" | "talon";

  constructor(name: "crisp" | "talon") {
    this.#name = name;
  }

  add(path: string, text: string, expected: readonly string[]): void {
    const own = expected.map((line) => line.trim()).filter((line) => line !== "");
    const reply = spoken(parseReply(text).text);
    this.#all += 1;
    if (own.some((line) => !reply.includes(line))) fail(`${path}: lost a line of ${JSON.stringify(own)}`);
    if (reply.length === own.length) this.#exact += 1;
    else console.log(`  more than the reply: ${path}`);
  }

  print(): void {
    console.log(`replies: ${this.#exact} of ${this.#all} of ${this.#name} are the reply alone`);
    if (this.#all === 0 || this.#all - this.#exact > leftoversMax[this.#name]) fail(`${this.#name}: too few`);
  }
}

const spoken = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

const readText = async (path: string) => (await readFile(path, "utf8")).replace(/\r\n?/g, "\n");

async function readMail(path: string): Promise<string> {
  if (path.endsWith(".html")) return htmlToText(await readText(path));
  return (await parseData(await readFile(path))).message.text ?? "";
}

function fail(reason: string): void {
  console.log(`FAILED ${reason}`);
  process.exitCode = 1;
}

if (corpora === undefined) {
  console.log("MAILCHUTE_CORPORA names no folder: nothing to run");
} else {
  await runCrisp(join(corpora, "crisp-email-reply-parser/test/fixtures"));
  await runTalon(join(corpora, "talon/tests/fixtures"));
  await runSignatures(join(corpora, "talon/tests/fixtures/signature/emails"));
}
