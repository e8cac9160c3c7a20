import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Daemon, freePort, run, startDaemon } from "../../suites/outside/processes.ts";

const version = "3.3.4";

/** Haraka with its own queue and nothing behind it: it takes all mail, and delivers none. */
export async function startHaraka(folder: string): Promise<Daemon> {
  const port = await freePort();
  await mkdir(join(folder, "config"), { recursive: true });
  await mkdir(join(folder, "plugins"));
  await mkdir(join(folder, "queue"));
  const files = {
    "package.json": '{ "private": true }',
    "config/smtp.ini": `listen=127.0.0.1:${port}\nnodes=0\n`,
    "config/me": "mx.example.com\n",
    "config/log.ini": "[main]\nlevel=WARN\n",
    "config/outbound.ini": "disabled=true\n",
    "config/plugins": "take\n",
    // Mail that is relayed goes into the queue of mail to send: the only one that Haraka has.
    "plugins/take.js":
      "exports.hook_rcpt = (next, connection) => { connection.relaying = true; next(OK); };\n",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional", "--prefix", folder];
  await run("npm", ["install", ...options, `Haraka@${version}`]);
  // It does not start without.
  const own = join(folder, "node_modules/Haraka");
  await copyFile(join(own, "config/connection.ini"), join(folder, "config/connection.ini"));
  return startDaemon(port, [process.execPath, join(own, "bin/haraka"), "-c", folder]);
}
