/** What has become of each message, by what can be seen from outside the stages: no stage is asked. */
import * as z from "zod";
import { decodeEnvelopeBlock, envelopeBytesMetadata } from "../../functions/mail/envelope-block.ts";
import { idOfRawKey, rawPrefix } from "../../functions/mail/keys.ts";
import { pipeline } from "../../infra/pipeline.ts";
import { ownQueue } from "./endings.ts";
import type { World } from "./pipeline-world.ts";

/** The recipients of each message in the store, by its id. */
export async function readStored({ embedded }: World): Promise<ReadonlyMap<string, readonly string[]>> {
  const stored = new Map<string, readonly string[]>();
  for await (const { key } of embedded.store.list(rawPrefix)) {
    const object = await embedded.store.get(key);
    const bytes = Buffer.concat(await Array.fromAsync(object?.body ?? []));
    const block = bytes.subarray(0, Number(object?.metadata[envelopeBytesMetadata]));
    stored.set(idOfRawKey(key) ?? key, decodeEnvelopeBlock(block).envelope.rcptTo);
  }
  return stored;
}

/** The messages that some stage's queue has. */
export async function findUnderWay(world: World): Promise<ReadonlySet<string>> {
  const papers = await Promise.all(pipeline.map(async ({ stage }) => papersIn(stage, world)));
  return new Set(papers.flat().map(({ id }) => id));
}

/** Each ending that a message has come to, as `<id> <ending>`. */
export async function findEndings(world: World): Promise<ReadonlySet<string>> {
  const { events, taken } = world;
  const delivered = [...taken].map(async ([endpoint, payloads]) => {
    const papers = await Promise.all([...payloads.values()].map(async (body) => readPaper(body, world)));
    return papers.map(({ id }) => `${id} delivered ${endpoint}`);
  });
  const own = (await papersIn(ownQueue, world)).map(({ id }) => `${id} delivered queue`);
  const dropped = events.filter(({ outcome }) => outcome === "dropped").map(({ id }) => `${id} dropped`);
  const held = await Array.fromAsync(world.embedded.store.list("quarantine/"), async ({ key }) =>
    readPaper(await readObject(key, world), world),
  );
  const dead = await Promise.all(pipeline.map(async ({ stage }) => papersIn(`${stage}-dead`, world)));
  return new Set([
    ...(await Promise.all(delivered)).flat(),
    ...own,
    ...dropped,
    ...held.map(({ id }) => `${id} quarantined`),
    ...dead.flat().map(({ id, endpoint }) => `${id} dead ${endpoint ?? ""}`.trim()),
  ]);
}

interface Paper {
  readonly id: string;
  readonly endpoint?: string | undefined;
}

const everything = 100_000;

const papersIn = async (queue: string, world: World) =>
  Promise.all(
    world.embedded
      .view(queue)
      .list("", everything)
      .map(async ({ body }) => readPaper(body, world)),
  );

/** All that tells of a message, as far as it says which: what stages send, payloads, claims on either, and S3's events. */
const AnyPaper = z.union([
  z.object({ claimCheck: z.object({ key: z.string() }) }).transform(({ claimCheck }) => claimCheck),
  z.object({ Records: z.tuple([z.object({ s3: z.object({ object: z.object({ key: z.string() }) }) })]) }),
  z.object({ data: z.object({ id: z.string() }) }).transform(({ data }) => data),
  z.object({ id: z.string(), endpoint: z.string().optional() }),
]);

async function readPaper(json: string, world: World): Promise<Paper> {
  const paper = AnyPaper.parse(JSON.parse(json));
  if ("key" in paper) return readPaper(await readObject(paper.key, world), world);
  if ("id" in paper) return paper;
  return { id: idOfRawKey(paper.Records[0].s3.object.key) ?? "" };
}

async function readObject(key: string, { embedded }: World): Promise<string> {
  const object = await embedded.store.get(key);
  return Buffer.concat(await Array.fromAsync(object?.body ?? [])).toString();
}
