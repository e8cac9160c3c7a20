import type { Readable } from "node:stream";
import { CommandError, exitCodes } from "./exit.ts";

/** The first line that comes. Never an argument: those are seen by everyone on the machine. */
export async function readPassword(input: Readable): Promise<string> {
  let typed = "";
  for await (const text of input.setEncoding("utf8")) {
    typed += text;
    if (typed.includes("\n")) break;
  }
  const [password = ""] = typed.split(/\r?\n/);
  if (password === "")
    throw new CommandError(
      exitCodes.usage,
      "type the password, or pipe it in: it is read from standard input",
    );
  return password;
}
