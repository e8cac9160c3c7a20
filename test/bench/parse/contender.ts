/**
 * `node test/bench/parse/contender.ts <name> <file> <count>`: parses the mail in the file again and again, in a process
 * of its own. Prints what one costs, for the benchmark.
 */
import { createReadStream, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { simpleParser } from "mailparser";
import PostalMime from "postal-mime";
import { parse } from "../../../functions/parse/parse.ts";
import { storeRaw } from "../../parse/parse-data.ts";
import { createMemoryStore } from "../../support/memory-store.ts";

const [, , name = "", file = "", count = "1"] = process.argv;

/** Keeps nothing, as S3 keeps nothing in this process. */
async function createStage(): Promise<() => Promise<unknown>> {
  const store = createMemoryStore();
  const key = await storeRaw(Buffer.alloc(0), store);
  const stored = await store.get(key);
  const block = store.objects.get(key)?.bytes;
  if (stored === null || block === undefined) throw new Error("just stored");
  const sizeBytes = block.length + statSync(file).size;
  const sink = {
    ...store,
    put: async () => "stored" as const,
    putStream: async (_: string, content: AsyncIterable<Uint8Array>) => {
      for await (const _chunk of content);
    },
  };
  return () => {
    const body = (async function* () {
      yield block;
      yield* createReadStream(file);
    })();
    return parse(key, { ...stored, body, sizeBytes }, { store: sink });
  };
}

const contenders: Readonly<Record<string, () => Promise<() => Promise<unknown>>>> = {
  "stage parse": createStage,
  simpleParser: async () => () => simpleParser(createReadStream(file)),
  "postal-mime": async () => async () => PostalMime.parse(await readFile(file)),
};

const run = await contenders[name]?.();
if (run === undefined) throw new Error(`no such contender: ${name}`);
const times = Number(count);
const warmUps = times > 1 ? times : 0;
for (let index = 0; index < warmUps; index += 1) await run();
const startedMs = performance.now();
const started = process.cpuUsage();
for (let index = 0; index < times; index += 1) await run();
const { user, system } = process.cpuUsage(started);
console.log(
  JSON.stringify({
    wallMs: (performance.now() - startedMs) / times,
    cpuMs: (user + system) / 1000 / times,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }),
);
