import * as z from "zod";

/** The name of the route and of the endpoint that the canary mail goes to; a config has no other of this name. */
export const canaryName = "canary";

const Published = z.looseObject({
  endpoints: z.record(z.string(), z.unknown()),
  routes: z.array(z.unknown()),
});

/** Puts a route before all others that takes the canary mail, and nothing else, to a queue of its own. */
export function withCanary(
  json: string,
  { address, queue }: { readonly address: string; readonly queue: string },
): string {
  const config = Published.parse(JSON.parse(json));
  const route = { name: canaryName, when: { recipient: address }, to: [canaryName] };
  return JSON.stringify({
    ...config,
    endpoints: { ...config.endpoints, [canaryName]: { queue } },
    routes: [route, ...config.routes],
  });
}
