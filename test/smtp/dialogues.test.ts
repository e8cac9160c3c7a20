import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type Dialogue, parseDialogue } from "../support/smtp-dialogue.ts";
import { createEnginePeer } from "../support/smtp-engine-peer.ts";
import { play, playAtOnce } from "../support/smtp-peer.ts";
import { createTcpPeer } from "../support/smtp-tcp-peer.ts";

const folder = new URL("dialogues/", import.meta.url);
const files = readdirSync(folder).sort();

for (const file of files) {
  const text = readFileSync(new URL(file, folder), "utf8");
  const dialogue = parseDialogue(text);

  test(`${file}: the engine alone`, () => playAtOnce(dialogue, createEnginePeer(dialogue.setup)));
  test(`${file}: over TCP`, { timeout: 10_000 }, async () =>
    play(dialogue, await createTcpPeer(dialogue.setup)),
  );
  test(`${file}: the same for every cut of what the client sends`, () => playWithCuts(dialogue));
}

const wrong = [
  ["another reply", "S: 220\nC: NOOP\nS: 500", /expected 500, got "250/],
  ["a connection that stays open", "S: 220\nclose", /the connection is open/],
  ["a reply that nobody asked for", "S: 220\nC: NOOP", /nobody asked for/],
  ["no message", "S: 220\nD: x", assert.AssertionError],
] as const;

for (const [sentence, text, error] of wrong) {
  test(`${sentence} is noticed, by the engine alone and over TCP`, { timeout: 10_000 }, async () => {
    const dialogue = parseDialogue(text);
    assert.throws(() => playAtOnce(dialogue, createEnginePeer({})), error);
    // There is no end to wait for where the connection stays open.
    if (text.endsWith("close")) return;
    await assert.rejects(play(dialogue, await createTcpPeer({})), error);
  });
}

function playWithCuts(dialogue: Dialogue): void {
  const sent = dialogue.steps.reduce((sum, step) => sum + (step.kind === "send" ? step.octets.length : 0), 0);
  for (let cut = 1; cut < sent; cut++) {
    playAtOnce(dialogue, createEnginePeer(dialogue.setup, { answers: "late", split: cutAt(cut) }));
  }
}

/** Cuts what is sent in all at this octet. */
function cutAt(cut: number): (octets: Buffer) => readonly Buffer[] {
  let sent = 0;
  return (octets) => {
    const at = cut - sent;
    sent += octets.length;
    if (at <= 0 || at >= octets.length) return [octets];
    return [octets.subarray(0, at), octets.subarray(at)];
  };
}
