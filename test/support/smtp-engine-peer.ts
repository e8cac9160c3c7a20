import { encodeEnvelopeBlock } from "../../functions/mail/envelope-block.ts";
import { judgeRecipient } from "../../functions/mail/match.ts";
import { judgeWatch, observe, type Phase, startWatch } from "../../functions/smtp/deadlines.ts";
import { Engine } from "../../functions/smtp/protocol/engine.ts";
import type { EngineEvent } from "../../functions/smtp/protocol/engine-event.ts";
import { protocolLimits } from "../../functions/smtp/protocol/limits.ts";
import { type Reply, replies, stored } from "../../functions/smtp/protocol/reply.ts";
import type { Client, Policy } from "../../functions/smtp/protocol/session.ts";
import type { Begin } from "../../functions/smtp/protocol/step.ts";
import type { Transcript } from "../../functions/smtp/transcript.ts";
import type { DialogueSetup } from "./smtp-dialogue.ts";
import { type PeerAtOnce, type ReceivedOctets, testConfig } from "./smtp-peer.ts";

export interface EnginePeerOptions {
  /** Cuts what the client sends at once. */
  readonly split?: (octets: Buffer) => readonly Buffer[];
  /** `late`: what the engine asks is answered only when the client waits for a reply. */
  readonly answers?: "at-once" | "late";
  /** Looks on. */
  readonly transcript?: Pick<Transcript, "note" | "rest">;
}

export const client: Client = {
  remoteIp: "192.0.2.7",
  remotePort: 40_000,
  remoteName: null,
  blockLists: [],
  tls: null,
};

const origin = { id: "0199f000-0000-7000-8000-000000000000", receivedAt: "2026-01-02T03:04:05.678Z" };

export const enginePolicy = (setup: DialogueSetup): Policy => {
  const config = testConfig(setup);
  return {
    protocol: setup.protocol ?? "smtp",
    hostname: config.hostname,
    limits: { ...protocolLimits, ...config.limits },
    canAuthenticate: setup.users === "ann",
    canXclient: setup.xclient === "trusted",
    canStartTls: setup.tls === "on" || setup.tls === "broken",
    bareNewlines: config.smtp.bareNewlines,
    isClientRefused: setup.client === "refused",
    isTranscribed: false,
    judgeRecipient: (facts) => judgeRecipient(facts, config),
  };
};

/** The engine alone, with a store that is an array. */
export function createEnginePeer(setup: DialogueSetup, options: EnginePeerOptions = {}): PeerAtOnce {
  const { split = (octets) => [octets], answers = "at-once", transcript } = options;
  const policy = { ...enginePolicy(setup), isTranscribed: transcript !== undefined };
  const { deadlines } = testConfig(setup).smtp;
  const messages: ReceivedOctets[] = [];
  const said: string[] = [];
  let engine = new Engine(client, policy);
  let asked: EngineEvent | null = null;
  let begun: Begin | null = null;
  let chunks: Buffer[] = [];
  let isClosed = false;
  let isStopping = false;
  let [replied, sent, nowMs] = [0, 0, 0];

  const answerTo = (event: EngineEvent): Reply => {
    switch (event.kind) {
      case "begin":
        begun = event;
        chunks = [];
        return setup.memory === "full" ? replies.outOfMemory : replies.startData;
      case "authenticate":
        return event.user === "ann" && event.password === "secret"
          ? replies.authenticated
          : replies.authFailed;
      case "start-tls":
        return setup.tls === "on" ? replies.startTls : replies.tlsUnavailable;
      case "end": {
        if (setup.store === "failing" || begun === null) return replies.storeFailed;
        const { bareNewlines, longLines } = event.findings;
        const envelope = { ...begun.envelope, bareNewlines, longLines };
        const block = encodeEnvelopeBlock({ ...begun, ...origin, hostname: policy.hostname, envelope });
        messages.push({ octets: Buffer.concat(chunks), envelope, block: block.toString() });
        return stored(origin.id);
      }
      default:
        throw new Error(`${event.kind} is no question`);
    }
  };
  const say = (wire: string): void => {
    said.push(wire);
    replied++;
  };
  const take = (events: readonly EngineEvent[]): void => {
    for (const event of events) {
      transcript?.note(event, engine.session.client);
      if (event.kind === "reply") say(event.reply.wire);
      else if (event.kind === "message") chunks.push(Buffer.from(event.octets));
      else if (event.kind === "close") isClosed = true;
      else if (event.kind !== "command" && event.kind !== "refused" && event.kind !== "discard")
        asked = event;
    }
    if (answers === "at-once") settle();
  };
  const settle = (): void => {
    const question = asked;
    asked = null;
    if (question === null) endIfDue();
    else {
      const isNew = question.kind === "xclient";
      take(isNew ? engine.become(question.client, policy) : engine.answer(answerTo(question)));
      settle();
    }
  };

  const endIfDue = (): void => {
    if (isStopping && !engine.isReceiving && !isClosed) take(engine.shutDown(replies.shuttingDown));
  };
  const phase = (): Phase => {
    if (isClosed) return "closing";
    if (asked?.kind === "end") return "store";
    return engine.isReceiving ? "data" : "command";
  };
  const sample = () => ({
    phase: phase(),
    replies: replied,
    octets: sent,
    transaction: engine.session.transaction === null ? 0 : engine.session.transactions,
    isHeld: false,
  });
  let watch = startWatch(sample(), nowMs);
  const look = (): void => {
    watch = observe(watch, sample(), nowMs);
    const verdict = judgeWatch(watch, nowMs, deadlines);
    if (verdict?.kind === "refuse") take(engine.shutDown(verdict.reply));
  };

  if (setup.connections === "full") take(engine.shutDown(replies.tooManyFromAddress));
  else if (setup.greeting !== "late") take(engine.greet());
  transcript?.rest();
  return {
    wait: (seconds) => {
      settle();
      look();
      for (let second = 0; second < seconds; second++) {
        nowMs += 1000;
        look();
      }
    },
    stop: () => {
      isStopping = true;
      settle();
    },
    send: (octets) => {
      sent += octets.length;
      for (const part of split(octets)) {
        take(engine.feed(Buffer.from(part)));
        transcript?.rest();
      }
    },
    reply: () => {
      settle();
      const reply = said.shift();
      if (reply === undefined && !isClosed) throw new Error("no reply, and the connection is open");
      return reply ?? null;
    },
    startTls: () => {
      engine = new Engine(
        { ...engine.session.client, tls: { version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" } },
        policy,
        "command",
      );
    },
    end: () => {
      settle();
      take(engine.lost());
      return said;
    },
    messages: () => messages,
  };
}
