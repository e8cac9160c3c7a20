/**
 * A process that puts objects and sends messages without end, and prints a line for each that was acknowledged:
 * `object <key>` or `message <body>`. Started by the tests that kill it.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Embedded, openEmbedded } from "../../infra/local/embedded.ts";

export interface Writer {
  /** Starts, having loaded, and so within milliseconds: opens the folder and writes. */
  begin(): void;
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  /** Every line so far. */
  readonly lines: readonly string[];
  /** Resolves when so many lines are there; rejects when the process ends before. */
  acknowledged(count: number): Promise<void>;
}

export function startWriter(folder: string): Writer {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const ended = once(child, "close").then(([code, signal]): never => {
    throw new Error(`the writer ended with ${code ?? signal} after ${lines.length} lines`);
  });
  ended.catch(() => undefined);
  return {
    child,
    begin: () => child.stdin.end("begin"),
    lines,
    acknowledged: async (count) => {
      while (lines.length < count) await Promise.race([once(reader, "line"), ended]);
    },
  };
}

export const openForWriter = async (folder: string) =>
  openEmbedded({
    folder,
    queues: [{ name: "parse" }, { name: "messages" }],
    notifications: [{ prefix: "raw/", queue: "parse" }],
    now: Date.now,
  });

/** What must stand under a key: its size and its bytes follow from its name. */
export function bodyOf(key: string): Buffer {
  const sizes = [0, 100, 5_000, 60_000, 70_000, 300_000];
  const seed = [...key].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 65_521, 7);
  return Buffer.alloc(sizes[seed % sizes.length] ?? 0, `${key} `);
}

const writers = 6;

async function write(embedded: Embedded, prefix: string, run: string) {
  for (let count = 0; ; count++) {
    const key = `${prefix}${run}-${count}`;
    const body = bodyOf(key);
    if (count % 3 === 0) await embedded.store.putStream(key, inPieces(body), { metadata: { key } });
    else await embedded.store.put(key, [body], { metadata: { key }, ifAbsent: count % 3 === 1 });
    console.log(`object ${key}`);
    await embedded.queue("messages").send([{ body: key }]);
    console.log(`message ${key}`);
  }
}

async function* inPieces(body: Buffer): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < body.length; from += 10_000) yield body.subarray(from, from + 10_000);
}

async function main(folder: string) {
  await once(process.stdin, "data");
  const embedded = await openForWriter(folder);
  const run = `${process.pid}-${Date.now()}`;
  const prefixes = Array.from({ length: writers }, (_, index) =>
    index % 2 === 0 ? `raw/${index}/` : `other/${index}/`,
  );
  await Promise.all(prefixes.map(async (prefix) => write(embedded, prefix, run)));
}

const [, script, folder] = process.argv;
if (folder !== undefined && script === fileURLToPath(import.meta.url)) await main(folder);
