/** What is written down of a session: all that was said, in its order, and no credential. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import type { StageEvent } from "../../functions/mail/stage-event.ts";
import {
  Transcript,
  type TranscriptLine,
  transcriptLinesMax,
  transcriptTextMax,
} from "../../functions/smtp/transcript.ts";
import { type Dialogue, parseDialogue } from "../support/smtp-dialogue.ts";
import { createEnginePeer } from "../support/smtp-engine-peer.ts";
import { playAtOnce } from "../support/smtp-peer.ts";
import { brief, writtenDown } from "../support/written-down.ts";

const folder = new URL("dialogues/", import.meta.url);

const outcome: StageEvent = {
  at: "2026-01-02T03:04:05.000Z",
  stage: "smtp",
  id: null,
  outcome: "refused",
  durationMs: 0,
  detail: {},
};

/** All that is written down of a dialogue, and the replies of it; each reply ends a transcript, so that none is too long. */
function transcribe(dialogue: Dialogue) {
  const [lines, replies]: [string[], string[]] = [[], []];
  const transcript = new Transcript(
    (_, some) => lines.push(...some.map(brief)),
    () => 0,
  );
  const end = transcript.watch(() => undefined);
  const note: Transcript["note"] = (event, client) => {
    transcript.note(event, client);
    if (event.kind !== "reply") return;
    replies.push(event.reply.wire);
    end(outcome);
  };
  playAtOnce(
    dialogue,
    createEnginePeer(dialogue.setup, { transcript: { note, rest: () => transcript.rest() } }),
  );
  end(outcome);
  transcript.rest();
  return { lines, replies };
}

/** Of chunks a transcript says at their end how much they were, and BDAT says it itself. */
const isContent = (line: string) => /^C \[\d+ octets of message]$/.test(line);

describe("of a dialogue is written down what was said", () => {
  for (const file of readdirSync(folder).sort()) {
    const text = readFileSync(new URL(file, folder), "utf8");
    const isChunked = /\bBDAT\b/.test(text);
    test(file, () => {
      const { lines, replies } = transcribe(parseDialogue(text));
      const expected = writtenDown(parseDialogue(text), replies);
      const said = lines.filter((line) => !line.startsWith("- "));
      if (isChunked)
        assert.deepEqual(
          said.filter((line) => !isContent(line)),
          expected.filter((line) => !isContent(line)),
        );
      else assert.deepEqual(said, expected);
    });
  }
});

const transcribeNoops = (count: number) => {
  const kept: (readonly TranscriptLine[])[] = [];
  const transcript = new Transcript(
    (_, lines) => kept.push(lines),
    () => 0,
  );
  playAtOnce(
    parseDialogue(`S: 220\nC*${count}: NOOP\nS*${count}: 250\n`),
    createEnginePeer({}, { transcript }),
  );
  transcript.watch(() => undefined)(outcome);
  transcript.rest();
  return kept[0]?.map(brief) ?? [];
};

test("a transcript has so many lines at most, and says how many it leaves out in the middle", () => {
  const [beginning, each] = [2, 2];
  const most = (transcriptLinesMax - beginning) / each;
  assert.equal(transcribeNoops(most).length, transcriptLinesMax);
  const more = transcribeNoops(most + 3);
  assert.equal(more.length, transcriptLinesMax + 1);
  assert.equal(more[transcriptLinesMax / 2], "- 6 lines are left out here");
});

test("a line of so many characters is whole, and of one that is longer is said how much is missing", () => {
  const line = (length: number) => {
    const { lines } = transcribe(
      parseDialogue(`set users ann\nS: 220\nC: MAIL FROM:<\\{${length}*a}>\nS: 5`),
    );
    return lines.find((one) => one.startsWith("C MAIL")) ?? "";
  };
  const most = transcriptTextMax - "MAIL FROM:<>".length;
  assert.equal(line(most).length, "C ".length + transcriptTextMax);
  assert.match(line(most + 1), /^C MAIL FROM:<a+\[and 1 more]$/);
});
