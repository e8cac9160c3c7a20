import { htmlTokens } from "./html-tokens.ts";
import { TextWriter } from "./text-writer.ts";

const voidElements = new Set(
  "area base br col embed hr img input link meta param source track wbr".split(" "),
);

const blocks = new Set(
  "address article aside body center dd details div dl dt fieldset figcaption figure footer form header html li main nav section summary table tbody tfoot thead tr".split(
    " ",
  ),
);

const paragraphs = new Set("blockquote h1 h2 h3 h4 h5 h6 ol p pre ul".split(" "));

/** Text for a reader of a mail that has HTML alone: what a browser would show, hidden elements left out. */
export function htmlToText(html: string): string {
  const page = new Page();
  for (const token of htmlTokens(html)) {
    switch (token.kind) {
      case "text":
        page.text(token.text);
        break;
      case "open":
        page.open(token.name, token.attributes);
        break;
      case "close":
        page.close(token.name);
        break;
    }
  }
  return page.end();
}

/** All elements of one name. */
interface Element {
  readonly name: string;
  openCount: number;
}

/** The elements that are open, and what has been shown so far. */
class Page {
  readonly #writer = new TextWriter();
  readonly #open: Element[] = [];
  readonly #elements = new Map<string, Element>();
  /** For each open list: the number of its next item; null has bullets. */
  readonly #lists: (number | null)[] = [];
  /** How many elements were open where the hidden one began. */
  #hiddenFrom: number | null = null;
  #link: { readonly href: string; readonly text: string[] } | null = null;

  text(text: string): void {
    if (this.#hiddenFrom !== null) return;
    this.#link?.text.push(text);
    this.#writer.text(text);
  }

  open(name: string, attributes: ReadonlyMap<string, string>): void {
    if (this.#hiddenFrom === null) this.#enter(name, attributes);
    if (voidElements.has(name)) return;
    const isHidden = attributes.has("hidden") || /display\s*:\s*none/i.test(attributes.get("style") ?? "");
    if (isHidden) this.#hiddenFrom ??= this.#open.length;
    const element = this.#elements.get(name) ?? { name, openCount: 0 };
    this.#elements.set(name, element);
    element.openCount += 1;
    this.#open.push(element);
  }

  /** Closes what stands open inside too; an end tag without a start is nothing. */
  close(name: string): void {
    if (name === "br" || name === "p") this.#writer.breakBlock();
    if ((this.#elements.get(name)?.openCount ?? 0) === 0) return;
    for (let last = this.#open.pop(); last !== undefined; last = this.#open.pop()) {
      last.openCount -= 1;
      if (this.#hiddenFrom === null) this.#leave(last.name);
      else if (this.#open.length <= this.#hiddenFrom) this.#hiddenFrom = null;
      if (last.name === name) return;
    }
  }

  end(): string {
    this.#endLink();
    return this.#writer.end();
  }

  #enter(name: string, attributes: ReadonlyMap<string, string>): void {
    this.#breakBefore(name);
    switch (name) {
      case "br":
        this.#writer.breakLine();
        break;
      case "hr":
        this.#writer.text("---");
        this.#writer.breakBlock();
        break;
      case "img":
        this.text(attributes.get("alt") ?? "");
        break;
      case "td":
      case "th":
        this.#writer.text(" ");
        break;
      case "a":
        this.#endLink();
        this.#link = { href: attributes.get("href")?.trim() ?? "", text: [] };
        break;
      case "li":
        this.#writer.text(this.#bullet());
        break;
      case "ol":
        this.#lists.push(1);
        break;
      case "ul":
        this.#lists.push(null);
        break;
      case "blockquote":
        this.#writer.quoteDepth += 1;
        break;
      case "pre":
        this.#writer.preDepth += 1;
        break;
    }
  }

  #leave(name: string): void {
    if (name === "a") this.#endLink();
    this.#breakBefore(name);
    if (name === "ol" || name === "ul") this.#lists.pop();
    if (name === "blockquote") this.#writer.quoteDepth -= 1;
    if (name === "pre") this.#writer.preDepth -= 1;
  }

  #breakBefore(name: string): void {
    if (paragraphs.has(name)) this.#writer.breakParagraph();
    else if (blocks.has(name) || name === "hr") this.#writer.breakBlock();
  }

  #bullet(): string {
    const next = this.#lists.at(-1) ?? null;
    if (next === null) return "* ";
    this.#lists[this.#lists.length - 1] = next + 1;
    return `${next}. `;
  }

  /** A link's address is shown where its text does not say it already. */
  #endLink(): void {
    const { href, text } = this.#link ?? { href: "", text: [] };
    this.#link = null;
    const shown = text.join("").trim();
    if (/^https?:\/\//i.test(href) && shown !== "" && !href.endsWith(shown)) this.#writer.text(` <${href}>`);
  }
}
