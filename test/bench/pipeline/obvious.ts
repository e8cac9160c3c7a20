/** The obvious script: smtp-server, simpleParser and fetch in one process, nothing stored. Takes the webhook's URL. */
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { listen } from "../../../infra/local/listen.ts";

const [url = ""] = process.argv.slice(2);
const { server } = new SMTPServer({
  authOptional: true,
  disableReverseLookup: true,
  disabledCommands: ["STARTTLS", "AUTH"],
  onData: (stream, _session, done) => {
    simpleParser(stream).then((mail) => {
      // 250 first: a mail whose webhook fails is lost.
      done(null, "accepted");
      const body = JSON.stringify(mail);
      void fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body })
        .then((response) => response.arrayBuffer())
        .catch(() => undefined);
    }, done);
  },
});
process.stdout.write(`ready smtp=127.0.0.1:${await listen(server, "127.0.0.1", 0)}\n`);
