/** An operation of the API: one value says where it is, what it takes, and what the OpenAPI document tells of it. */
import * as z from "zod";
import { parseJson } from "../../../functions/mail/json.ts";
import { type Answer, problem } from "./answer.ts";
import { bodyTooLarge, type Call, type Route, readBody } from "./server.ts";

export interface Operation extends Route {
  readonly summary: string;
  readonly query: z.ZodObject;
  readonly body: z.ZodType;
  /** What comes with 200: a schema of the JSON, or a media type. */
  readonly result: z.ZodType | string;
}

export const noQuery = z.object({});
export const noBody = z.undefined();
/** A mail, or whatever else is taken as it is. */
export const bytesBody = z.instanceof(Uint8Array);

interface Spec<Query extends z.ZodObject, Body extends z.ZodType> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly summary: string;
  readonly query: Query;
  readonly body: Body;
  readonly result: z.ZodType | string;
  readonly handle: (
    input: Call & { readonly query: z.output<Query>; readonly body: z.output<Body> },
  ) => Promise<Answer> | Answer;
}

/** Checks what comes in before `handle` sees it. */
export function operation<Query extends z.ZodObject, Body extends z.ZodType>(
  spec: Spec<Query, Body>,
): Operation {
  const handle = async (call: Call): Promise<Answer> => {
    const query = spec.query.safeParse(Object.fromEntries(call.url.searchParams));
    if (!query.success) return problem(400, describeIssue("query", query.error));
    const given = await readGiven(spec.body, call);
    if (given === null) return bodyTooLarge();
    const body = spec.body.safeParse(given.value);
    if (!body.success) return problem(400, describeIssue("body", body.error));
    return spec.handle({ ...call, query: query.data, body: body.data });
  };
  return { ...spec, handle };
}

/** Null where there is too much of it. */
async function readGiven(schema: z.ZodType, { request }: Call): Promise<{ readonly value: unknown } | null> {
  if (schema === noBody) return { value: undefined };
  const bytes = await readBody(request, schema === bytesBody ? mailMaxSizeBytes : undefined);
  if (bytes === null || schema === bytesBody) return bytes && { value: bytes };
  return { value: bytes.length === 0 ? {} : parseJson(bytes.toString()) };
}

/** A config may allow a message this much. */
const mailMaxSizeBytes = 150 * 1024 * 1024;

function describeIssue(where: string, { issues: [issue] }: z.ZodError): string {
  const path = (issue?.path ?? []).join(".");
  return `${where}${path === "" ? "" : ` ${path}`}: ${issue?.message ?? "not right"}`;
}
