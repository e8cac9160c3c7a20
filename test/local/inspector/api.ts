import assert from "node:assert/strict";
import * as z from "zod";
import { NumberedEntry } from "../../../infra/local/inspector/index-tables.ts";
import { startRunner } from "../../support/local-runner.ts";

export const config = {
  hostname: "mx.example.com",
  endpoints: { inbox: { sink: true }, moody: { sink: true } },
  routes: [
    { name: "spam", when: { subject: "*spam*" }, drop: "it says so" },
    { name: "moody", when: { recipient: "moody@example.com" }, to: "moody" },
    { name: "rest", when: { recipient: "*@example.com" }, to: "inbox" },
  ],
} satisfies Parameters<typeof startRunner>[0];

/** Whatever a test then looks into: an assertion says where it is not as it should be. */
const Json = z.any();

export const mail = { from: "ann@example.org", to: "help@example.com", subject: "A question", text: "How?" };

/** A running program and its API. */
export async function startApi() {
  const runner = await startRunner(config);
  const call = async (method: string, path: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${runner.origin}/api/v1${path}`, init);
    return { status: response.status, json: Json.parse(await response.json()) };
  };
  /** Asserts that the answer is as documented, and gives it typed. */
  const get = async <Result>(schema: z.ZodType<Result>, path: string): Promise<Result> => {
    const { status, json } = await call("GET", path);
    assert.equal(status, 200, JSON.stringify(json));
    return schema.parse(json);
  };
  const waitFor = (query: string) => get(NumberedEntry, `/wait?timeout=30&q=${encodeURIComponent(query)}`);
  return { runner, call, get, waitFor };
}
