/**
 * `node test/suites/hostile-mail.ts <index>`: one hostile mail, from the stored object to the body of a webhook, in a
 * process of its own. Prints what it came to and what it cost, for hostile.ts.
 */

import { createPayload, MailReceived } from "../../functions/deliver/payload.ts";
import { parseConfig } from "../../functions/mail/config.ts";
import { ParsedMessage } from "../../functions/mail/messages.ts";
import { parse } from "../../functions/parse/parse.ts";
import { route } from "../../functions/route/route.ts";
import { validated } from "../mail/message.ts";
import { hostileMails } from "../parse/hostile/mails.ts";
import { join, sizeOf } from "../parse/hostile/pieces.ts";
import { storeRaw } from "../parse/parse-data.ts";
import { createMemoryStore } from "../support/memory-store.ts";

const [, pieces] = hostileMails[Number(process.argv[2])] ?? [];
if (pieces === undefined) throw new Error("which mail?");

const store = createMemoryStore();
const key = await storeRaw(Buffer.alloc(0), store);
const stored = await store.get(key);
const block = store.objects.get(key)?.bytes;
if (stored === null || block === undefined) throw new Error("just stored");
const body = (async function* () {
  yield* join(block, pieces());
})();
const object = { ...stored, body, sizeBytes: block.length + sizeOf(pieces()) };
const config = parseConfig({
  hostname: "mx.test",
  endpoints: { app: { url: "https://app.test/" } },
  routes: [{ name: "all", when: { recipient: "*@mx.test" }, to: ["app"] }],
});

/** Keeps nothing, as the memory of a store is not what is measured. */
const sink = {
  ...store,
  put: async () => "stored" as const,
  putStream: async (_: string, content: AsyncIterable<Uint8Array>) => {
    for await (const _chunk of content);
  },
};

const started = process.cpuUsage();
const message = await parse(key, object, { store: sink });
const queued = ParsedMessage.parse(JSON.parse(JSON.stringify(message)));
const { deliveries } = route({ ...queued, auth: validated().auth }, config);
const payloads = await Promise.all(
  deliveries.map((delivery) =>
    createPayload(delivery, { urls: { sign: async (name) => `https://store.test/${name}` }, now: () => 0 }),
  ),
);
const { user, system } = process.cpuUsage(started);

const [payload] = payloads.map((one) => MailReceived.parse(JSON.parse(JSON.stringify(one))));
console.log(
  JSON.stringify({
    cpuMs: (user + system) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    type: payload?.type,
    rcptTo: payload?.data.envelope.rcptTo,
    rawUrl: payload?.data.raw.url,
    codes: [...new Set(payload?.data.warnings.map(({ code }) => code))].sort(),
  }),
);
