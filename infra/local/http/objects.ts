import type { ObjectStore } from "../../../functions/mail/ports.ts";
import type { LocalObjectUrls } from "../object-urls.ts";
import { download, problem } from "./answer.ts";
import type { Route } from "./server.ts";

export interface ObjectDeps {
  readonly store: ObjectStore;
  readonly urls: LocalObjectUrls;
  readonly now: () => number;
}

/** The objects that webhooks link to: whoever has a signed URL may read one, until it expires. */
export const createObjectRoute = ({ store, urls, now }: ObjectDeps): Route => ({
  method: "GET",
  path: "/objects/{key...}",
  handle: async ({ params, url }) => {
    const key = params["key"] ?? "";
    if (!urls.verify(key, url.searchParams, now()))
      return problem(403, "the signature is not right, or the URL has expired");
    const object = await store.get(key);
    if (object === null) return problem(404, "no such object");
    const filename = key.slice(key.lastIndexOf("/") + 1);
    return download(object.body, { filename, sizeBytes: object.sizeBytes });
  },
});
