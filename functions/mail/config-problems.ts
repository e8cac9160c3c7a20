/** What is wrong with a config, one sentence for each: the path, what stands there, and what would be right. */
import * as z from "zod";
import { configLimits } from "./config-limits.ts";
import { nearest } from "./nearest.ts";
import { noSuch, oneOrMore } from "./when.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The built-in last route's name. */
export const postmasterRoute = "postmaster";

/** Objects that must have one of these keys and no other of them, in the order of the schema's union. */
const choices: Readonly<Record<string, readonly string[]>> = {
  endpoints: ["url", "queue", "bus", "sink"],
  routes: ["to", "drop", "quarantine", "reject"],
};

/** What the schema found. */
export function shapeProblems(issues: readonly Issue[], value: unknown): string[] {
  return issues.flatMap((issue) => describeIssue(issue, [], value));
}

/** What no schema sees: names that must exist or be unique, and keys that JavaScript hides. */
export function crossProblems(value: unknown): string[] {
  const parsed = Outline.safeParse(value);
  if (!parsed.success) return [];
  const outline = parsed.data;
  return [
    ...hiddenKeys(value, []),
    ...endpointCountProblems(outline),
    ...routeNameProblems(outline),
    ...(outline.routes ?? []).flatMap(({ to }, index) => namesProblems(to, ["routes", index, "to"], outline)),
    ...namesProblems(outline.postmaster, ["postmaster"], outline),
    ...admissionProblems(outline),
  ];
}

function describeIssue(issue: Issue, above: Path, value: unknown): string[] {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union") return describeUnion(issue, path, value);
  if (issue.code === "unrecognized_keys") return [`${show(path)}: ${issue.message}`];
  if (issue.code === "invalid_key") return issue.issues.map(({ message }) => at(path, "a bad name", message));
  const isSecret = path[0] === "smtp" && path[1] === "users";
  return [at(path, isSecret ? "not shown here" : see(lookUp(value, path)), issue.message)];
}

function describeUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, value: unknown): string[] {
  const seen = lookUp(value, path);
  const keys = path.length === 2 ? choices[String(path[0])] : undefined;
  if (keys !== undefined && !isObject(seen))
    return [at(path, see(seen), `write an object with one of ${keys.join(", ")}`)];
  if (keys === undefined || !isObject(seen)) {
    const branch =
      issue.errors.find((errors) => errors.every((error) => error.path.length > 0)) ?? issue.errors[0];
    return (branch ?? []).flatMap((error) => describeIssue(error, path, value));
  }
  const present = keys.filter((key) => Object.hasOwn(seen, key));
  const [key] = present;
  if (key === undefined)
    return [at(path, see(seen), `it needs one of ${keys.join(", ")}${meantKey(seen, keys)}`)];
  if (present.length > 1) return [at(path, see(seen), `it has ${present.join(" and ")}; keep one`)];
  return (issue.errors[keys.indexOf(key)] ?? []).flatMap((error) => describeIssue(error, path, value));
}

function meantKey(seen: object, keys: readonly string[]): string {
  const typed = Object.keys(seen).find((key) => nearest(key, keys) !== null);
  return typed === undefined ? "" : `; did you mean "${nearest(typed, keys)}" by ${JSON.stringify(typed)}?`;
}

/** Just enough of a config to compare its names, whatever else is wrong with it. */
const Outline = z.object({
  endpoints: z.record(z.string(), z.unknown()).nullable().catch(null),
  postmaster: oneOrMore(z.string()).catch([]),
  routes: z
    .array(
      z
        .object({
          name: z.string().nullable().catch(null),
          to: oneOrMore(z.string()).catch([]),
          reject: z.unknown().optional(),
          when: z.object({ recipient: z.unknown().optional() }).catch({}),
        })
        .catch({ name: null, to: [], when: {} }),
    )
    .nullable()
    .catch(null),
});
type Outline = z.output<typeof Outline>;

/** An own `__proto__` key (from JSON) would be skipped without a word. */
function hiddenKeys(value: unknown, path: Path): string[] {
  if (!isObject(value) || path.length > 8) return [];
  return [
    ...(Object.hasOwn(value, "__proto__") ? [`${show([...path, "__proto__"])} cannot be a name`] : []),
    ...Object.entries(value).flatMap(([key, inner]) =>
      hiddenKeys(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

function endpointCountProblems({ endpoints }: Outline): string[] {
  const count = Object.keys(endpoints ?? {}).length;
  if (endpoints === null || (count > 0 && count <= configLimits.endpointsMax)) return [];
  const rule = `write at least 1 and at most ${configLimits.endpointsMax} endpoints`;
  return [at(["endpoints"], `${count} endpoints`, rule)];
}

function routeNameProblems({ routes }: Outline): string[] {
  const firstByName = new Map<string, number>();
  return (routes ?? []).flatMap(({ name }, index) => {
    if (name === null) return [];
    const path = ["routes", index, "name"];
    const first = firstByName.get(name);
    firstByName.set(name, first ?? index);
    if (name === postmasterRoute)
      return [at(path, see(name), "the built-in last route has that name; choose another")];
    return first === undefined
      ? []
      : [at(path, see(name), `${show(["routes", first])} has that name; choose another`)];
  });
}

function namesProblems(names: readonly string[], path: Path, { endpoints }: Outline): string[] {
  if (endpoints === null) return [];
  const known = Object.keys(endpoints);
  return names.flatMap((name, index) => {
    const here = [...path, index];
    if (!known.includes(name)) return [at(here, see(name), noSuch("endpoint", nearest(name, known)))];
    return names.indexOf(name) < index ? [at(here, see(name), "it is named twice; once is enough")] : [];
  });
}

function admissionProblems({ routes }: Outline): string[] {
  const isSome =
    routes === null ||
    routes.some(({ when, reject }) => when.recipient !== undefined && reject === undefined);
  return isSome
    ? []
    : [
        'routes: none names a recipient, so no mail would be taken; write when: { recipient: "*@example.com" }',
      ];
}

const at = (path: Path, seen: string, right: string) =>
  seen === "undefined" ? `${show(path)} is missing: ${right}` : `${show(path)} is ${seen}: ${right}`;

const plainKey = /^[A-Za-z_$][\w$]*$/;

/** `routes[2].when.header["X-Spam"]` */
function show(path: Path): string {
  if (path.length === 0) return "the config";
  return path
    .map((key) => {
      if (typeof key === "number") return `[${key}]`;
      return plainKey.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(String(key))}]`;
    })
    .join("")
    .replace(/^\./, "");
}

const shownMaxLength = 80;

/** The value, short, and without what a URL may hide: user, password and query. */
function see(value: unknown): string {
  const shown = write(value)
    .replaceAll(/:\/\/[^/"@]*@/g, "://…@")
    .replaceAll(/(:\/\/[^"?]*)\?[^"]*/g, "$1?…");
  return shown.length <= shownMaxLength ? shown : `${shown.slice(0, shownMaxLength)}…`;
}

/** A config in TypeScript may hold what JSON cannot. */
function write(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (key, inner) => (key === "users" ? "…" : inner)) ??
      (value === undefined ? "undefined" : `a ${typeof value}`)
    );
  } catch {
    return `a ${typeof value}`;
  }
}

function lookUp(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (!isObject(inner) || !Object.hasOwn(inner, key)) return undefined;
    return Reflect.get(inner, key);
  }, value);
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
