import { writeSync } from "node:fs";

const stdoutFd = 1;

/** Writes a line at once. A function is frozen as soon as it has answered, and what waits then is late or lost. */
export const printLine = (line: string) => void process.stdout.write(line);

/** Gathers the lines of one turn of the event loop into a single write, which a busy container notices. */
export function gatherLines(): (line: string) => void {
  let waiting = "";
  const flush = () => {
    if (waiting !== "") process.stdout.write(waiting);
    waiting = "";
  };
  process.once("exit", () => {
    if (waiting !== "") writeSync(stdoutFd, waiting);
  });
  return (line) => {
    if (waiting === "") setImmediate(flush);
    waiting += line;
  };
}
