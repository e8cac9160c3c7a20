import type { IncomingMessage, Queue, ReceiveOptions } from "../../functions/mail/ports.ts";
import { type Embedded, type EmbeddedOptions, openEmbedded } from "../../infra/local/embedded.ts";
import { createFakeClock, type FakeClock } from "../support/fake-clock.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";

export interface Setup {
  readonly clock: FakeClock;
  readonly folder: string;
  embedded(): Embedded;
  queue(): Queue;
  deadLetters(): Queue;
  /** Closes and opens again, as after a restart. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export const receiveLimit = 2;

const defaults = {
  queues: [{ name: "queue", redrive: { receiveLimit, deadLetters: "dead" } }, { name: "dead" }],
  notifications: [{ prefix: "raw/", queue: "queue" }],
} satisfies Partial<EmbeddedOptions>;

/** An embedded store and queue on a fake clock and a folder that goes away with it. */
export async function setUp(options: Partial<EmbeddedOptions> = {}): Promise<Setup> {
  const folder = createTemporaryFolder();
  const clock = createFakeClock();
  const open = async () => openEmbedded({ folder: folder.path, ...defaults, ...clock, ...options });
  let embedded = await open();
  return {
    clock,
    folder: folder.path,
    embedded: () => embedded,
    queue: () => embedded.queue("queue"),
    deadLetters: () => embedded.queue("dead"),
    reopen: async () => {
      await embedded.close();
      embedded = await open();
    },
    close: async () => {
      await embedded.close();
      folder.remove();
    },
  };
}

/** A test on a setup of its own. */
export const withSetup =
  (check: (setup: Setup) => Promise<void>, options: Partial<EmbeddedOptions> = {}) =>
  async () => {
    const setup = await setUp(options);
    try {
      await check(setup);
    } finally {
      await setup.close();
    }
  };

export const receive = async (queue: Queue, options: Partial<ReceiveOptions> = {}) =>
  queue.receive({ max: 10, waitSeconds: 0, visibilityTimeoutSeconds: 30, ...options });

export const bodiesOf = (messages: readonly IncomingMessage[]) => messages.map(({ body }) => body);
