/** The container's entry: the front end before S3, which runs until SIGTERM. */
import { randomBytes } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { awsDeps } from "../aws/deps.ts";
import { gatherLines } from "../aws/write-lines.ts";
import { type FollowedCertificate, openCertificateFiles } from "./certificate-files.ts";
import { readSmtpSettings } from "./config.ts";
import { problemEvent } from "./events.ts";
import { createSmtpServer, type SmtpServer } from "./server.ts";
import { nodeTimers } from "./timers.ts";

/** How often the config and the certificate are looked at again. */
const reloadMs = 30_000;

const { host, port, tls, limits } = readSmtpSettings(process.env);
const aws = awsDeps(process.env, gatherLines());
let config = await aws.config();
const certificate = tls === null ? null : await openCertificateFiles(tls);

// What is late is given up by the config; this is only so that nothing waits for ever.
const resolver = new Resolver({ timeout: 5_000, tries: 2 });

const server = createSmtpServer(
  { limits },
  {
    store: aws.store,
    config: () => config,
    ...(certificate === null ? {} : { secureContext: certificate.current }),
    resolve: async (name, type) => [await resolver.resolve(name, type)].flat(),
    log: aws.log,
    now: aws.now,
    randomBytes,
  },
);
nodeTimers.every(reloadMs, () => void reload(certificate));
stopOn(["SIGTERM", "SIGINT"], server);
const { address, port: realPort } = await server.listen(port, host);
process.stdout.write(`ready smtp=${address}:${realPort}\n`);

/** What cannot be read is reported, and the last good one stays. */
async function reload(followed: FollowedCertificate | null): Promise<void> {
  try {
    config = await aws.config();
    await followed?.reload();
  } catch (error) {
    aws.log(problemEvent(error, aws.now(), {}));
  }
}

function stopOn(signals: readonly NodeJS.Signals[], { close }: SmtpServer): void {
  for (const signal of signals) {
    process.once(signal, () => void close().then(() => process.exit(0)));
  }
}
