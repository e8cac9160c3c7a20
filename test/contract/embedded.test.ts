import { openEmbedded } from "../../infra/local/embedded.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";
import { queueContract } from "./queue-contract.ts";
import { receiveLimit } from "./queue-subject.ts";
import { storeContract } from "./store-contract.ts";

const queues = [
  { name: "queue", redrive: { receiveLimit, deadLetters: "queue-dead" } },
  { name: "queue-dead" },
];

async function open() {
  const clock = createFakeClock();
  const folder = createTemporaryFolder();
  const notifications = [{ prefix: "raw/", queue: "queue" }];
  const embedded = await openEmbedded({ folder: folder.path, queues, notifications, ...clock });
  return {
    store: embedded.store,
    queue: embedded.queue("queue"),
    deadLetters: embedded.queue("queue-dead"),
    pass: async (seconds: number) => clock.pass(seconds * 1000),
    close: async () => {
      await embedded.close();
      folder.remove();
    },
  };
}

storeContract("the embedded store", open);
queueContract("the embedded queue", open);
