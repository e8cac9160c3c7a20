import type { Group } from "./messages.ts";

/** A group with visible messages, and what decides when its next one is due. */
export interface Turn extends Group {
  /** Messages at consumers now. */
  held: number;
  /** Counts up with every message given or moved to the dead letters; 0 is never. */
  servedAt: number;
}

/**
 * The order among groups: the next message is the one visible for longest of the group that has the fewest messages
 * at consumers; among equals, of the group served longest ago. So a group whose consumers are slow, or that sent very
 * many, takes its share of the consumers and no more.
 */
export const compareTurns = (one: Turn, other: Turn) =>
  one.held - other.held ||
  one.servedAt - other.servedAt ||
  one.firstVisibleAtMs - other.firstVisibleAtMs ||
  (one.groupId < other.groupId ? -1 : 1);

/** The group whose turn it is. */
export const judgeTurn = (turns: Iterable<Turn>): Turn | undefined =>
  Array.from(turns).reduce<Turn | undefined>(
    (first, turn) => (first === undefined || compareTurns(turn, first) < 0 ? turn : first),
    undefined,
  );
