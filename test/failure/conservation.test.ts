import { test } from "node:test";
import { conserve } from "./conservation.ts";

test("what was accepted is all there, whatever fails", async (context) => {
  context.diagnostic(await conserve(100, 1));
});
