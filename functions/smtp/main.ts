/** The container's entry: the front end before S3, which runs until SIGTERM. */
import { randomBytes } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { awsDeps } from "../aws/deps.ts";
import { connectByUndici } from "../aws/put-by-undici.ts";
import { openSecretText } from "../aws/secret-text.ts";
import { readAwsSettings } from "../aws/settings.ts";
import { gatherLines } from "../aws/write-lines.ts";
import type { StageEvent } from "../mail/stage-event.ts";
import { fromFiles, fromSecret } from "./certificate-sources.ts";
import { openCertificates } from "./certificates.ts";
import { readSmtpSettings } from "./config.ts";
import { problemEvent } from "./events.ts";
import { createHealth, createHealthServer } from "./health.ts";
import { makeSelfSigned } from "./self-signed.ts";
import { createSmtpServer } from "./server.ts";
import { nodeTimers } from "./timers.ts";

/** How often the config is looked at again. */
const configReloadMs = 30_000;

const { host, listeners, healthPort, tls, limits } = readSmtpSettings(process.env);
const { secretsManagerEndpoint } = readAwsSettings(process.env);
const aws = awsDeps(process.env, { write: gatherLines(), connect: connectByUndici });
const health = createHealth(aws.now);
const log = (event: StageEvent) => {
  health.note(event);
  aws.log(event);
};
const report = (error: unknown) => log(problemEvent(error, aws.now(), {}));

let config = await aws.config();
const sources = [
  ...tls.files.map(fromFiles),
  ...tls.secrets.map((name) => fromSecret(name, openSecretText(name, secretsManagerEndpoint).read)),
];
const certificates = await openCertificates(sources, {
  makeSubstitute: () => makeSelfSigned(config.hostname),
  report,
});

// What is late is given up by the config; this is only so that nothing waits for ever.
const resolver = new Resolver({ timeout: 5_000, tries: 2 });

const server = createSmtpServer(
  { limits },
  {
    store: aws.store,
    config: () => config,
    secureContext: certificates.find,
    resolve: async (name, type) => [await resolver.resolve(name, type)].flat(),
    log,
    now: aws.now,
    randomBytes,
  },
);
nodeTimers.every(configReloadMs, () => void reloadConfig());
nodeTimers.every(tls.reloadMs, () => void certificates.reload());
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => void stop());

const ready: string[] = [];
for (const { protocol, port } of listeners) {
  const { address, port: realPort } = await server.listen(port, host, protocol);
  ready.push(`${protocol}=${address}:${realPort}`);
}
if (healthPort !== null) ready.push(`health=${await listenForHealth(healthPort)}`);
process.stdout.write(`ready ${ready.join(" ")}\n`);

/** What cannot be read is reported, and the last good one stays. */
async function reloadConfig(): Promise<void> {
  try {
    config = await aws.config();
  } catch (error) {
    report(error);
  }
}

/** Answers to the end, so that whoever asks hears of the draining. */
async function listenForHealth(port: number): Promise<string> {
  const answering = createHealthServer(health);
  await once(answering.listen(port, host), "listening");
  const bound = answering.address();
  return bound === null || typeof bound === "string" ? "" : `${bound.address}:${bound.port}`;
}

async function stop(): Promise<void> {
  health.drain();
  await server.close();
  process.exit(0);
}
