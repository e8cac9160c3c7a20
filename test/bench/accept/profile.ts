import { readFile } from "node:fs/promises";
import * as z from "zod";

const Profile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
});

/** Prints the ten functions that a V8 CPU profile saw most often, by their own time. */
export async function reportProfile(path: string): Promise<void> {
  const { nodes, samples } = Profile.parse(JSON.parse(await readFile(path, "utf8")));
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName || "(anonymous)"} ${url.split("/").slice(-3).join("/")}:${lineNumber + 1}`,
    ]),
  );
  const counts = new Map<string, number>();
  for (const sample of samples) {
    const name = names.get(sample) ?? "?";
    if (!name.startsWith("(idle)")) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const busy = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const top = [...counts].sort(([, a], [, b]) => b - a).slice(0, 10);
  console.log("\nwhere the front end's time goes (own time, share of the time it was busy):");
  for (const [name, count] of top) console.log(`${((100 * count) / busy).toFixed(1).padStart(5)} %  ${name}`);
}
