/** The API of a running `npm start`, as the commands see it. */
import * as z from "zod";
import { CommandError, exitCodes } from "./exit.ts";

export interface Api {
  readonly origin: string;
  get<Result>(path: string, schema: z.ZodType<Result>): Promise<Result>;
  send<Result>(
    method: "POST" | "PUT" | "DELETE",
    path: string,
    options: { readonly schema: z.ZodType<Result>; readonly body?: unknown },
  ): Promise<Result>;
  /** A stream of lines, as they come. */
  lines(path: string): AsyncIterable<string>;
}

const Problem = z.object({ error: z.string() });

export function createApi(origin: string): Api {
  const ask = async (path: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(`${origin}/api/v1${path}`, init).catch((cause) => {
      throw new CommandError(
        exitCodes.unreachable,
        `nothing answers at ${origin}: start it with "npm start", or name another with --url`,
        { cause },
      );
    });
    if (response.ok) return response;
    const problem = Problem.safeParse(await response.json().catch(() => null));
    throw new CommandError(exitCodes.no, problem.data?.error ?? `${path} answered ${response.status}`);
  };
  const read = async <Result>(response: Response, schema: z.ZodType<Result>): Promise<Result> => {
    const parsed = schema.safeParse(await response.json().catch(() => null));
    if (parsed.success) return parsed.data;
    throw new CommandError(
      exitCodes.unreachable,
      `what answers at ${origin} is another version, or no Mailchute`,
    );
  };
  return {
    origin,
    get: async (path, schema) => read(await ask(path), schema),
    send: async (method, path, { schema, body }) => {
      const content = body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body ?? {});
      return read(await ask(path, { method, body: content }), schema);
    },
    lines: async function* (path) {
      const { body } = await ask(path);
      let rest = "";
      for await (const text of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        yield* lines;
      }
    },
  };
}
