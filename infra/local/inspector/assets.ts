/** The style and the script of all pages, each under a path that its content gives: a browser asks once for either. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Asset {
  readonly path: string;
  readonly contentType: string;
  readonly content: string;
}

const read = (name: string) => readFileSync(new URL(`assets/${name}`, import.meta.url), "utf8");

function asset(extension: string, contentType: string, content: string): Asset {
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 16);
  return { path: `/assets/${digest}.${extension}`, contentType, content };
}

const narrow = `@media (max-width: 44rem) {\n${read("narrow.css")}}\n`;

/** One, since a page is painted when it is all there. */
export const stylesheet = asset("css", "text/css", `${read("colours.css")}${read("inspector.css")}${narrow}`);
export const script = asset("js", "text/javascript", read("inspector.js"));
