import type { SqsHandler } from "./consume.ts";
import type { AwsDeps } from "./deps.ts";

/**
 * A Lambda's entry. The SDK is loaded on AWS alone, so that whoever calls `create` with adapters of its own starts
 * faster; there it is loaded at once, since a function has a whole CPU while it starts.
 */
export function lambdaHandler(create: (deps: AwsDeps) => SqsHandler | Promise<SqsHandler>): SqsHandler {
  let handler: Promise<SqsHandler> | undefined;
  const load = async () => {
    const { awsDeps } = await import("./deps.ts");
    return create(awsDeps(process.env));
  };
  if (process.env["AWS_LAMBDA_FUNCTION_NAME"] !== undefined) {
    handler = load();
    handler.catch(() => undefined); // The first call reports it.
  }
  return async (event) => {
    handler ??= load();
    return (await handler)(event);
  };
}
