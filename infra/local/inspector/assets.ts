/** The style and the script of all pages. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const read = (name: string) => readFileSync(new URL(`assets/${name}`, import.meta.url), "utf8");
const narrow = `@media (max-width: 44rem) {\n${read("narrow.css")}}\n`;

/** Stands in each page: a browser that must ask for it paints later. */
export const style = `${read("colours.css")}${read("inspector.css")}${narrow}`;

/** What a policy calls the one style that it lets in (CSP 3 §2.3.1). */
export const styleHash = `'sha256-${createHash("sha256").update(style).digest("base64")}'`;

const content = read("inspector.js");

/** Under a path that its content gives: a browser asks once for it. */
export const script = {
  path: `/assets/${createHash("sha256").update(content).digest("hex").slice(0, 16)}.js`,
  content,
};
