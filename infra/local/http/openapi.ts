/** The API's OpenAPI document, made of the operations themselves. */
import * as z from "zod";
import { bytesBody, noBody, type Operation } from "./operation.ts";

const toSchema = (schema: z.ZodType, io: "input" | "output") => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
};

const ErrorBody = z.object({ error: z.string() });

export function openApi(operations: readonly Operation[]) {
  const paths = Map.groupBy(operations, ({ path }) => path);
  return {
    openapi: "3.1.0",
    info: {
      title: "Mailchute, npm start",
      version: "1",
      description: "Messages, waiting for them, and whatever else the inspector shows and does.",
    },
    paths: Object.fromEntries(
      [...paths].map(([path, ofPath]) => [
        path,
        Object.fromEntries(ofPath.map((one) => [one.method.toLowerCase(), describe(one)])),
      ]),
    ),
  };
}

function describe({ method, path, summary, query, body, result }: Operation) {
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const schema = toSchema(query, "input");
  const asked = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    in: "query",
    required: schema.required?.includes(name) ?? false,
    schema: property,
  }));
  const content =
    typeof result === "string"
      ? { [result]: {} }
      : { "application/json": { schema: toSchema(result, "output") } };
  return {
    operationId: `${method.toLowerCase()}${path
      .replace(/^\/api\/v1/, "")
      .replace(/[^a-z]+([a-z])/gi, (_, letter) => letter.toUpperCase())
      .replace(/\W/g, "")}`,
    summary,
    parameters: [...named, ...asked],
    ...requestBody(body),
    responses: {
      200: { description: "Done", content },
      default: {
        description: "Why not, in a sentence",
        content: { "application/json": { schema: toSchema(ErrorBody, "output") } },
      },
    },
  };
}

function requestBody(body: z.ZodType) {
  if (body === noBody) return {};
  const content =
    body === bytesBody
      ? { "message/rfc822": {} }
      : { "application/json": { schema: toSchema(body, "input") } };
  return { requestBody: { content } };
}
