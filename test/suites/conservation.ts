/** The promise, at length: 2,000 messages, while one in ten of all calls to the outside fails. */
import { conserve } from "../failure/conservation.ts";

console.log(await conserve(2_000, Date.now()));
