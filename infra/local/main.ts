import { gatherLines } from "../../functions/aws/write-lines.ts";
import { readSettings, StartError } from "./settings.ts";
import { type Running, realOutside, startLocal } from "./start.ts";

const write = gatherLines();
const print = (line: string) => write(`${line}\n`);

/** One sentence for the person at the terminal; a stack only for what is a bug. */
function fail(error: unknown): never {
  const isExpected = error instanceof StartError;
  process.stderr.write(`mailchute: ${isExpected ? error.message : describeBug(error)}\n`);
  process.exit(1);
}

const describeBug = (error: unknown) =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

function stopOnSignals(running: Running): void {
  let isStopping = false;
  const stop = () => {
    // A second Ctrl-C does not wait: what was acknowledged is on disk.
    if (isStopping) process.exit(130);
    isStopping = true;
    print("stopping: messages under way are finished first");
    running.stop().then(() => process.exit(0), fail);
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
}

try {
  const settings = readSettings(process.env);
  const running = await startLocal(settings, realOutside(print));
  stopOnSignals(running);
  const { host, folder, configFile } = settings;
  const more = running.listeners.map(({ protocol, port }) => ` ${protocol}=${host}:${port}`).join("");
  print(
    `ready smtp=${host}:${running.smtpPort} http=${host}:${running.httpPort} data=${folder} config=${configFile}${more}`,
  );
} catch (error) {
  fail(error);
}
