/** What every `Queue` must do, whoever implements it. */
import { type KnownGaps, runContract } from "./contract.ts";
import { messageRows } from "./queue-messages.ts";
import type { QueueUnderTest } from "./queue-subject.ts";
import { timingRows } from "./queue-timing.ts";

export function queueContract(
  name: string,
  open: () => Promise<QueueUnderTest>,
  knownGaps: KnownGaps = {},
): void {
  runContract(name, [...messageRows, ...timingRows], { open, knownGaps });
}
