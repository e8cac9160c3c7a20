import { decodeEntities } from "./html-entities.ts";

export type HtmlToken =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "open"; readonly name: string; readonly attributes: ReadonlyMap<string, string> }
  | { readonly kind: "close"; readonly name: string };

/** What stands in them is no text for a reader. */
const rawTextElements = new Set([
  "iframe",
  "noembed",
  "noframes",
  "script",
  "style",
  "textarea",
  "title",
  "xmp",
]);

/**
 * Cuts HTML into tags and text as browsers do (HTML §13.2.5, what mails need of it), moving forward only: the time is
 * linear for any input.
 */
export function* htmlTokens(html: string): Generator<HtmlToken> {
  const reader = new TagReader(html);
  let at = 0;
  while (at < html.length) {
    const start = html.indexOf("<", at);
    if (start !== at)
      yield { kind: "text", text: decodeEntities(html.slice(at, start === -1 ? undefined : start)) };
    if (start === -1) return;
    const { token, end } = reader.read(start);
    yield token;
    at = token.kind === "open" && rawTextElements.has(token.name) ? endOfRawText(html, token.name, end) : end;
  }
}

const noAttributes: ReadonlyMap<string, string> = new Map();
const nothing: HtmlToken = { kind: "text", text: "" };

class TagReader {
  readonly #html: string;
  /** A quote that is not closed is looked for once. */
  readonly #unclosed = new Set<string>();

  constructor(html: string) {
    this.#html = html;
  }

  read(start: number): { readonly token: HtmlToken; readonly end: number } {
    const html = this.#html;
    const [tag, slash, name = ""] = matchAt(/<(\/?)([a-z][a-z0-9:_-]{0,63})/iy, html, start) ?? [];
    if (tag !== undefined) {
      const { attributes, end } = this.#readAttributes(start + tag.length);
      const lower = name.toLowerCase();
      const token: HtmlToken =
        slash === "/" ? { kind: "close", name: lower } : { kind: "open", name: lower, attributes };
      return { token, end };
    }
    if (html.startsWith("<!--", start)) return { token: nothing, end: endOfComment(html, start + 4) };
    if (/[!?/]/.test(html.charAt(start + 1))) return { token: nothing, end: after(html, ">", start + 2) };
    return { token: { kind: "text", text: "<" }, end: start + 1 };
  }

  #readAttributes(start: number): { readonly attributes: ReadonlyMap<string, string>; readonly end: number } {
    if (this.#html.charAt(start) === ">") return { attributes: noAttributes, end: start + 1 };
    const attributes = new Map<string, string>();
    for (let at = start; ; ) {
      at += matchAt(/[\s/]*/y, this.#html, at)?.[0].length ?? 0;
      if (at >= this.#html.length || this.#html.charAt(at) === ">") return { attributes, end: at + 1 };
      const [all = "", name = ""] = matchAt(/([^\s/>][^\s/>=]*)\s*=?/y, this.#html, at) ?? [];
      at += all.length;
      const hasValue = all.endsWith("=");
      if (hasValue) at += matchAt(/\s*/y, this.#html, at)?.[0].length ?? 0;
      const { value, end } = hasValue ? this.#readValue(at) : { value: "", end: at };
      const key = name.toLowerCase();
      if (!attributes.has(key)) attributes.set(key, decodeEntities(value));
      at = end;
    }
  }

  #readValue(at: number): { readonly value: string; readonly end: number } {
    const quote = this.#html.charAt(at);
    if ((quote === '"' || quote === "'") && !this.#unclosed.has(quote)) {
      const end = this.#html.indexOf(quote, at + 1);
      if (end !== -1) return { value: this.#html.slice(at + 1, end), end: end + 1 };
      this.#unclosed.add(quote);
    }
    const value = matchAt(/[^\s>]*/y, this.#html, at)?.[0] ?? "";
    return { value, end: at + value.length };
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** `<!-->` and `<!--->` are whole comments. */
function endOfComment(html: string, start: number): number {
  const short = matchAt(/-?>/y, html, start)?.[0];
  return short === undefined ? after(html, "-->", start) : start + short.length;
}

function endOfRawText(html: string, name: string, start: number): number {
  const close = new RegExp(`</${name}(?=[\\s/>])`, "gi");
  close.lastIndex = start;
  return close.exec(html)?.index ?? html.length;
}

function after(html: string, end: string, start: number): number {
  const at = html.indexOf(end, start);
  return at === -1 ? html.length : at + end.length;
}
