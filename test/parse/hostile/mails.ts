import { contents } from "./contents.ts";
import { headers } from "./headers.ts";
import type { HostileRow } from "./pieces.ts";
import { structures } from "./structure.ts";

/** Each comes to a message, in bounded time and memory. */
export const hostileMails: readonly HostileRow[] = [...headers, ...structures, ...contents];
