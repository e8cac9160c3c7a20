/**
 * The published SPF and ARC suites, run through this stage's own authentication:
 * `MAILCHUTE_CORPORA=<folder> node test/suites/validate.ts`. Misses are listed; one that is not known fails the run.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import * as z from "zod";
import type { Envelope } from "../../functions/mail/messages.ts";
import type { Resolve } from "../../functions/mail/ports.ts";
import { authenticate } from "../../functions/validate/authenticate.ts";
import { judgeAuthentication } from "../../functions/validate/verdict.ts";
import { chunksOf, envelope, hostname, plain } from "../validate/mail.ts";
import { createZone, dnsError } from "../validate/zone.ts";

interface Outcome {
  readonly name: string;
  readonly expected: readonly string[];
  readonly actual: string;
}

async function judge(mail: string, changes: Partial<Envelope>, resolve: Resolve) {
  const deps = { resolve, hostname, now: Date.now };
  const { evidence } = await authenticate(chunksOf(mail), { ...envelope, ...changes }, deps);
  return judgeAuthentication(evidence, { hostname, trustedArcSealers: [] });
}

const oneOrMore = z.union([z.string().transform((value) => [value]), z.array(z.string())]);

const ZoneEntry = z.union([
  z.literal("TIMEOUT"),
  z.record(z.string(), z.union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))])),
]);
type ZoneEntry = z.infer<typeof ZoneEntry>;

const SpfScenario = z.object({
  description: z.string(),
  tests: z.record(
    z.string(),
    z.object({ helo: z.string(), host: z.string(), mailfrom: z.string(), result: oneOrMore }),
  ),
  zonedata: z.record(z.string(), z.array(ZoneEntry)),
});

async function runSpf(folder: string): Promise<Outcome[]> {
  const yaml = await readFile(join(folder, "spf-rfc7208/test/rfc7208-tests.yml"), "utf8");
  const scenarios = parseAllDocuments(yaml).map((document) => SpfScenario.parse(document.toJS()));
  const runs = scenarios.flatMap(({ tests, zonedata }) => {
    const resolve = createSpfZone(zonedata);
    return Object.entries(tests).map(async ([name, { helo, host, mailfrom, result }]) => {
      const mailFrom = mailfrom === "" ? null : mailfrom;
      const { spf } = await judge(plain, { helo, remoteIp: host, mailFrom }, resolve);
      return { name, expected: result, actual: spf.result };
    });
  });
  return Promise.all(runs);
}

/** DNS as the suite's schema means it: an SPF record stands for a TXT record too, unless the name has one. */
function createSpfZone(zone: Readonly<Record<string, readonly ZoneEntry[]>>): Resolve {
  const names = new Map(Object.entries(zone).map(([name, entries]) => [name.toLowerCase(), entries]));
  const recordsOf = (entries: readonly ZoneEntry[], type: string) =>
    entries.flatMap((entry) => (entry === "TIMEOUT" || entry[type] === undefined ? [] : [entry[type]]));
  const resolve = async (name: string, type: string, hops: number): Promise<unknown[]> => {
    const entries = names.get(name.toLowerCase().replace(/\.$/, ""));
    if (entries === undefined) throw dnsError("ENOTFOUND");
    const [alias] = recordsOf(entries, "CNAME");
    if (alias !== undefined && hops > 8) throw dnsError("ESERVFAIL");
    if (alias !== undefined) return resolve(String(alias), type, hops + 1);
    const own = recordsOf(entries, type);
    const records = type === "TXT" && own.length === 0 ? recordsOf(entries, "SPF") : own;
    const found = records.filter((record) => record !== "NONE");
    if (found.length > 0) return found.map((record) => asNodeAnswers(type, [record].flat()));
    throw dnsError(entries.includes("TIMEOUT") ? "ETIMEOUT" : "ENODATA");
  };
  return (name, type) => resolve(name, type, 0);
}

function asNodeAnswers(type: string, [first, ...rest]: readonly (string | number)[]): unknown {
  if (type === "TXT") return [first, ...rest].map(String);
  return type === "MX" ? { priority: Number(first), exchange: String(rest[0]) } : String(first);
}

const ArcScenarios = z.array(
  z.object({
    tests: z.record(z.string(), z.object({ message: z.string(), cv: z.string() })),
    "txt-records": z.record(z.string(), z.string()),
  }),
);

async function runArc(folder: string): Promise<Outcome[]> {
  const path = join(folder, "mailauth-fixtures/test/fixtures/arc/arc-draft-validation-tests.json");
  const scenarios = ArcScenarios.parse(JSON.parse(await readFile(path, "utf8")));
  const runs = scenarios.flatMap(({ tests, "txt-records": txt }) => {
    const resolve = createZone(
      Object.fromEntries(Object.entries(txt).map(([name, text]) => [`${name} TXT`, [[text]]])),
    );
    return Object.entries(tests).map(async ([name, { message, cv }]) => {
      const { arc } = await judge(message, { bareNewlines: true }, resolve);
      // The suite leaves cv empty where a seal itself says cv=fail: RFC 8617 §5.2 step 2 ends the chain there.
      return { name, expected: [cv.toLowerCase() || "fail"], actual: arc.result };
    });
  });
  return Promise.all(runs);
}

const knownMisses: Readonly<Record<string, string>> = {
  ams_fields_c_na: "a signature without c= is simple/simple (RFC 6376 §3.5); the suite's was made as relaxed",
  ams_fields_h_empty: "h= must name From (RFC 6376 §5.4); the suite lets it be empty",
};

/** Prints n of m and each miss with its reason; true where all misses are known. */
function report(suite: string, outcomes: readonly Outcome[]): boolean {
  const misses = outcomes.filter(({ expected, actual }) => !expected.includes(actual));
  console.log(`${suite}: ${outcomes.length - misses.length} of ${outcomes.length}`);
  for (const { name, expected, actual } of misses)
    console.log(`  ${name}: ${actual}, not ${expected.join(" or ")}: ${knownMisses[name] ?? "UNKNOWN"}`);
  return misses.every(({ name }) => knownMisses[name] !== undefined);
}

const folder = process.env["MAILCHUTE_CORPORA"];
if (folder === undefined) {
  console.error("MAILCHUTE_CORPORA must name the folder of the corpora");
  process.exit(1);
}
const isKept = [report("SPF (RFC 7208)", await runSpf(folder)), report("ARC", await runArc(folder))];
process.exitCode = isKept.every(Boolean) ? 0 : 1;
