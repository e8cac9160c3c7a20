/** `node test/bench/store.ts`: what the embedded store and queue take in a second, with every event and every fsync. */
import { openEmbedded } from "../../infra/local/embedded.ts";
import { createTemporaryFolder } from "../support/temporary-folder.ts";

const runMs = 2000;
const rounds = 3;

const queues = [{ name: "parse" }, { name: "sends" }];

async function main() {
  for (const sizeBytes of [2, 32, 1024].map((kilobytes) => kilobytes * 1024)) {
    for (const writers of [1, 8, 50]) {
      const body = [Buffer.alloc(sizeBytes, "x")];
      await report(
        `puts of ${sizeBytes / 1024} KB with their events, ${writers} writers`,
        async (embedded, count) => {
          await embedded.store.put(`raw/${(count * 7919) % 256}/${count}.eml`, body);
          return 1;
        },
        writers,
      );
    }
  }
  const body = "x".repeat(8 * 1024);
  for (const writers of [1, 8, 50]) {
    await report(
      `sends of 8 KB, one a call, ${writers} senders`,
      async (embedded) => {
        await embedded.queue("sends").send([{ body }]);
        return 1;
      },
      writers,
    );
  }
  await report(
    "sends of 8 KB, ten a call, 1 sender",
    async (embedded) => {
      await embedded.queue("sends").send(Array.from({ length: 10 }, () => ({ body })));
      return 10;
    },
    1,
  );
  for (const max of [1, 10]) {
    await report(
      `send, receive and delete of 8 KB, ${max} a call, 1 consumer`,
      async (embedded) => {
        const queue = embedded.queue("sends");
        await queue.send(Array.from({ length: max }, () => ({ body })));
        const messages = await queue.receive({ max, waitSeconds: 0, visibilityTimeoutSeconds: 60 });
        await queue.delete(messages.map(({ receiptHandle }) => receiptHandle));
        return messages.length;
      },
      1,
    );
  }
}

type Work = (embedded: Awaited<ReturnType<typeof openEmbedded>>, count: number) => Promise<number>;

async function report(what: string, work: Work, workers: number) {
  const results = [];
  for (let round = 0; round < rounds; round++) results.push(await measure(work, workers));
  const [median] = results
    .toSorted((one, other) => one.perSecond - other.perSecond)
    .slice(Math.floor(rounds / 2));
  console.log(
    `${what}: ${median?.perSecond.toFixed(0)}/s, ${median?.cpuMicroseconds.toFixed(0)} us of CPU each`,
  );
}

async function measure(work: Work, workers: number) {
  const folder = createTemporaryFolder();
  const notifications = [{ prefix: "raw/", queue: "parse" }];
  const embedded = await openEmbedded({ folder: folder.path, queues, notifications, now: Date.now });
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  let count = 0;
  let done = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      while (performance.now() - startedMs < runMs) {
        const handled = await work(embedded, count++);
        done += handled;
      }
    }),
  );
  const perSecond = (done / (performance.now() - startedMs)) * 1000;
  const { user, system } = process.cpuUsage(cpu);
  await embedded.close();
  folder.remove();
  return { perSecond, cpuMicroseconds: (user + system) / done };
}

await main();
