import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport, type SendMailOptions } from "nodemailer";
import type { ConfigInput } from "../../functions/mail/config.ts";
import { type Outside, realOutside, startLocal } from "../../infra/local/start.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

export interface LocalRunner {
  readonly origin: string;
  readonly smtpPort: number;
  readonly folder: string;
  readonly configFile: string;
  readonly printed: readonly string[];
  /** Sends a mail and gives the id that the 250 names. */
  send(mail: SendMailOptions): Promise<string>;
  stop(): Promise<void>;
}

const answerNothing = async () => {
  throw Object.assign(new Error("ENOTFOUND"), { code: "ENOTFOUND" });
};

/** `npm start` in this process, on free ports, in a folder that goes when it stops, with a DNS that knows nobody. */
export async function startRunner(
  config: ConfigInput,
  wrap: (outside: Outside) => Outside = (outside) => outside,
): Promise<LocalRunner> {
  const { path: folder, remove } = createTemporaryFolder();
  const configFile = join(folder, "config.json");
  await writeFile(configFile, JSON.stringify(config));
  const printed: string[] = [];
  const outside = { ...realOutside((line) => void printed.push(line)), resolve: answerNothing };
  const settings = { host: "127.0.0.1", smtpPort: 0, httpPort: 0, folder: join(folder, "data"), configFile };
  const { smtpPort, httpPort, stop } = await startLocal(settings, wrap(outside));
  const transport = createTransport({
    host: "127.0.0.1",
    port: smtpPort,
    tls: { rejectUnauthorized: false },
  });
  return {
    origin: `http://127.0.0.1:${httpPort}`,
    smtpPort,
    folder: settings.folder,
    configFile,
    printed,
    send: async (mail) => {
      const { response } = await transport.sendMail(mail);
      return /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(response)?.[0] ?? response;
    },
    stop: async () => {
      transport.close();
      await stop();
      remove();
    },
  };
}
