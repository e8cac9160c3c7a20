import type { Clock, IncomingMessage, ReceiveOptions } from "../../../functions/mail/ports.ts";
import type { Database } from "../database.ts";
import type { Bell } from "./bell.ts";
import type { Messages, Waiting } from "./messages.ts";
import { toReceiptHandle } from "./receipt.ts";
import { judgeTurn, type Turn } from "./turns.ts";

export interface QueueDeps {
  readonly database: Database;
  readonly messages: Messages;
  readonly now: Clock;
  /** Messages are deleted that long after they were sent. */
  readonly retentionMs: number;
  /** That of a queue, by its name. */
  readonly bell: (name: string) => Bell;
}

export interface Redrive {
  /** A message that was received this often moves, at the receive that would be one more. */
  readonly receiveLimit: number;
  readonly deadLetters: string;
}

/** How a queue gives its messages out. */
export interface Giving {
  readonly redrive?: Redrive;
  /** So many messages of one group are at consumers at once, and no more: slow ones then leave consumers for all others. */
  readonly groupHeldMax?: number;
}

export interface Taken {
  readonly received: readonly IncomingMessage[];
  /** Where nothing was received: when to look again. */
  readonly nextVisibleAtMs: number;
  /** A group has visible messages, and as many at consumers as it may. */
  readonly isHeldBack: boolean;
}

/** Moves of one receive to the dead letters: it must not hold up the process where very many are due. */
const movesMax = 100;
const expireEveryMs = 60_000;

/** Makes what takes the next messages of a queue, by turns of its groups. It must run in a transaction. */
export function createReceiver(name: string, giving: Giving, deps: QueueDeps) {
  const { messages, now, retentionMs } = deps;
  const { groupHeldMax = Number.POSITIVE_INFINITY } = giving;
  let servedAt: ReadonlyMap<string, number> = new Map();
  let served = 0;
  const countServed = () => ++served;
  let expireAtMs = 0;
  return (options: ReceiveOptions): Taken => {
    const nowMs = now();
    if (nowMs >= expireAtMs) {
      expireAtMs = nowMs + expireEveryMs;
      messages.expire(nowMs - retentionMs);
    }
    const all = readTurns(name, nowMs, { messages, servedAt });
    const turns = all.filter(({ held }) => held < groupHeldMax);
    const isHeldBack = turns.length < all.length;
    const visible = turns.filter(({ firstVisibleAtMs }) => firstVisibleAtMs <= nowMs);
    if (visible.length === 0) {
      const nextVisibleAtMs = Math.min(...turns.map((turn) => turn.firstVisibleAtMs));
      return { received: [], nextVisibleAtMs, isHeldBack };
    }
    const take = { visible, countServed, giving: { ...giving, groupHeldMax }, nowMs, options };
    const received = takeByTurns(name, take, deps);
    // Groups that have no messages are forgotten, so that the map cannot grow for ever.
    servedAt = new Map(all.map((turn) => [turn.groupId, turn.servedAt]));
    return { received, nextVisibleAtMs: nowMs, isHeldBack };
  };
}

function readTurns(
  name: string,
  nowMs: number,
  { messages, servedAt }: { readonly messages: Messages; readonly servedAt: ReadonlyMap<string, number> },
): Turn[] {
  const held = messages.held(name, nowMs);
  return messages.groups(name).map((group) => ({
    ...group,
    held: held.get(group.groupId) ?? 0,
    servedAt: servedAt.get(group.groupId) ?? 0,
  }));
}

interface Take {
  /** Changed as the messages are taken. */
  readonly visible: readonly Turn[];
  readonly countServed: () => number;
  readonly giving: Giving & { readonly groupHeldMax: number };
  readonly nowMs: number;
  readonly options: ReceiveOptions;
}

function takeByTurns(name: string, { visible, countServed, giving, nowMs, options }: Take, deps: QueueDeps) {
  const { messages, bell } = deps;
  const { redrive, groupHeldMax } = giving;
  const received: IncomingMessage[] = [];
  const left = new Set(visible);
  let moves = 0;
  while (received.length < options.max && moves < movesMax) {
    const turn = judgeTurn(left);
    if (turn === undefined) break;
    const message = messages.first(name, turn.groupId, nowMs);
    if (message === undefined) {
      left.delete(turn);
      continue;
    }
    turn.servedAt = countServed();
    if (redrive !== undefined && message.receiveCount >= redrive.receiveLimit) {
      messages.move(message.id, redrive.deadLetters, nowMs);
      bell(redrive.deadLetters).ring();
      moves++;
    } else {
      // At least a moment: with a timeout of 0 one receive would give a message twice.
      messages.hold(message.id, nowMs + Math.max(1, options.visibilityTimeoutSeconds * 1000));
      received.push(toIncomingMessage(message, turn, messages));
      if (++turn.held >= groupHeldMax) left.delete(turn);
    }
  }
  return received;
}

function toIncomingMessage(
  { id, receiveCount, sentAtMs }: Waiting,
  { groupId }: Turn,
  messages: Messages,
): IncomingMessage {
  return {
    messageId: String(id),
    receiptHandle: toReceiptHandle({ id, receiveCount: receiveCount + 1 }),
    groupId: groupId === "" ? null : groupId,
    receiveCount: receiveCount + 1,
    sentAtMs,
    ...messages.content(id),
  };
}
