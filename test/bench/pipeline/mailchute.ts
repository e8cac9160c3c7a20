/** `npm start` with a DNS that answers at once: what another machine's DNS takes is not ours to measure. Takes the webhook's URL. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gatherLines } from "../../../functions/aws/write-lines.ts";
import { realOutside, startLocal } from "../../../infra/local/start.ts";
import { createTemporaryFolder } from "../../support/temporary-folder.ts";
import { createZone } from "../../validate/zone.ts";

const write = gatherLines();
const [url = ""] = process.argv.slice(2);
const { path: folder, remove } = createTemporaryFolder();
process.on("exit", remove).on("SIGTERM", () => process.exit(0));
const configFile = join(folder, "config.json");
const config = {
  hostname: "mx.example.com",
  endpoints: { hook: { url, allowPrivateAddress: true } },
  routes: [{ name: "all", when: { recipient: "*@example.com" }, to: ["hook"] }],
};
await writeFile(configFile, JSON.stringify(config));
const resolve = createZone({
  "example.org TXT": [["v=spf1 ip4:127.0.0.1 -all"]],
  "_dmarc.example.org TXT": [["v=DMARC1; p=reject"]],
});
const { smtpPort } = await startLocal(
  { host: "127.0.0.1", smtpPort: 0, httpPort: 0, folder: join(folder, "data"), configFile },
  { ...realOutside((line) => write(`${line}\n`)), resolve },
);
process.stdout.write(`ready smtp=127.0.0.1:${smtpPort}\n`);
