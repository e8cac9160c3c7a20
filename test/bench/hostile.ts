/** The engine's CPU for an octet of the worst legal messages, beside plain text: node test/bench/hostile.ts */
import { randomBytes } from "node:crypto";
import { cpus } from "node:os";
import { Engine } from "../../functions/smtp/protocol/engine.ts";
import { replies } from "../../functions/smtp/protocol/reply.ts";
import { client, enginePolicy } from "../support/smtp-engine-peer.ts";

const segmentBytes = 64 * 1024;
const rounds = 7;

/** Short lines in no order that a processor could foresee. */
const kinds = ["\r\n", "..\r\n", "x\r\n", "..xx\r\n", "........\r\n", "Received:\r\n", "aaaaaaaa:\r\n"];
const mixed = Array.from(randomBytes(8192), (octet) => kinds[octet % kinds.length]).join("");

const bodies = [
  { name: "plain text", line: `${"x".repeat(76)}\r\n`, cut: segmentBytes, megabytes: 64 },
  { name: "lines of ..", line: "..\r\n", cut: segmentBytes, megabytes: 64 },
  { name: "empty lines", line: "\r\n", cut: segmentBytes, megabytes: 64 },
  { name: "lines of any kind", line: mixed, cut: segmentBytes, megabytes: 64 },
  { name: "dots in a row", line: `${".".repeat(76)}\r\n`, cut: segmentBytes, megabytes: 64 },
  { name: "plain, octet by octet", line: `${"x".repeat(76)}\r\n`, cut: 1, megabytes: 1 },
  { name: ".., octet by octet", line: "..\r\n", cut: 1, megabytes: 1 },
] as const;

/** Nanoseconds for an octet. */
function measure({ line, cut, megabytes }: (typeof bodies)[number]): number {
  const engine = new Engine(client, enginePolicy({ messageMaxSizeBytes: 2 ** 40 }));
  engine.greet();
  engine.feed(Buffer.from("EHLO a.test\r\nMAIL FROM:<>\r\nRCPT TO:<bob@mx.test>\r\nDATA\r\n"));
  engine.answer(replies.startData);
  const block = Buffer.from(line.repeat(Math.ceil(segmentBytes / line.length)));
  // What the engine was fed is its own, so each segment is written afresh, as a socket would.
  const sent = Buffer.alloc(Math.min(cut, block.length));
  const segments = Array.from({ length: Math.ceil(block.length / cut) }, (_, index) =>
    block.subarray(index * cut, (index + 1) * cut),
  );
  const blocks = Math.ceil((megabytes * 1e6) / block.length);
  const started = process.cpuUsage();
  for (let count = 0; count < blocks; count++) {
    for (const segment of segments) {
      sent.set(segment);
      engine.feed(segment.length === sent.length ? sent : sent.subarray(0, segment.length));
    }
  }
  const { user, system } = process.cpuUsage(started);
  return ((user + system) * 1000) / (blocks * block.length);
}

console.log(`${cpus()[0]?.model ?? "unknown CPU"}, node ${process.version}, median of ${rounds} rounds`);
const costs = bodies.map(() => [0]);
for (const each of costs) each.length = 0;
// Each in turn, and the first round to warm up.
for (let round = 0; round <= rounds; round++) {
  for (const [index, body] of bodies.entries()) {
    const cost = measure(body);
    if (round > 0) costs[index]?.push(cost);
  }
}
const medians = costs.map((each) => each.toSorted((a, b) => a - b)[each.length >> 1] ?? Number.NaN);
for (const [index, { name }] of bodies.entries()) {
  const cost = medians[index] ?? Number.NaN;
  const ratio = cost / (medians[0] ?? Number.NaN);
  console.log(
    `${name.padEnd(22)} ${cost.toFixed(2).padStart(8)} ns an octet, ${ratio.toFixed(2)} × plain text`,
  );
}
