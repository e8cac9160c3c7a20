import { resolve } from "node:path";
import { buildSync } from "esbuild";

/** For what the libraries inside still ask of CommonJS. */
const banner =
  'import { createRequire as createRequireHere } from "node:module"; const require = createRequireHere(import.meta.url);';

/** Makes one file, `index.mjs`, of an entry and all that it imports: it runs alone on Node 24. */
export function bundle(entry: string, folder: string): void {
  buildSync({
    entryPoints: [entry],
    outfile: resolve(folder, "index.mjs"),
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    banner: { js: banner },
    minify: true,
    // Errors are told apart by their names.
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    logLevel: "error",
  });
}
