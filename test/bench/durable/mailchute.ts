import { parseConfig } from "../../../functions/mail/config.ts";
import { rawPrefix } from "../../../functions/mail/keys.ts";
import { openEmbedded } from "../../../infra/local/embedded.ts";
import { openEventLog } from "../../../infra/local/event-log.ts";
import { startFrontEnd } from "../../../infra/local/front-end.ts";

/**
 * The front end on the embedded store, wired as in `npm start`: the object and its event are durable before 250, and the
 * stages do not run, as neither other delivers. Takes the folder for its data; prints `ready smtp=host:port`.
 */
const [folder = "."] = process.argv.slice(2);
const now = Date.now;
const config = parseConfig({
  hostname: "mx.example.com",
  endpoints: { inbox: { sink: true } },
  routes: [{ name: "all", when: { recipient: "*@example.com" }, to: ["inbox"] }],
});
const { store } = await openEmbedded({
  folder,
  queues: [{ name: "parse" }],
  notifications: [{ prefix: rawPrefix, queue: "parse" }],
  now,
});
const { port } = await startFrontEnd(
  { host: "127.0.0.1", smtpPort: 0, httpPort: 0, folder, configFile: "" },
  { store, now, config: () => config, log: openEventLog(folder).append },
);
process.stdout.write(`ready smtp=127.0.0.1:${port}\n`);
