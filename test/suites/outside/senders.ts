/** Programs that hand one mail to a server and end. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { asLines, type Mail } from "./mails.ts";
import { run } from "./processes.ts";

export interface Delivery {
  readonly mail: Mail;
  readonly recipients: readonly string[];
  readonly port: number;
  /** For files. */
  readonly folder: string;
}

export type Send = (delivery: Delivery) => Promise<unknown>;

const from = "ann@client.test";

export const sendByNodemailer: Send = async ({ mail, recipients, port }) => {
  const transport = createTransport({ host: "127.0.0.1", port, tls: { rejectUnauthorized: false } });
  const envelope = { from, to: [...recipients], use8BitMime: true };
  await transport.sendMail({ envelope, raw: mail.octets });
  transport.close();
};

export const sendByCurl: Send = async ({ mail, recipients, port, folder }) => {
  const file = join(folder, "mail");
  await writeFile(file, mail.octets);
  const to = recipients.flatMap((recipient) => ["--mail-rcpt", recipient]);
  const url = `smtp://127.0.0.1:${port}/client.test`;
  await run("curl", ["--silent", "--show-error", url, "--mail-from", from, ...to, "--upload-file", file]);
};

/** It takes lines as Unix ends them. */
export const sendByMsmtp: Send = async ({ mail, recipients, port }) => {
  const server = ["--host=127.0.0.1", `--port=${port}`, "--tls=off", "--auth=off"];
  const input = Buffer.from(mail.octets.toString("latin1").replaceAll("\r\n", "\n"), "latin1");
  await run("msmtp", ["--file=/dev/null", ...server, `--from=${from}`, "--", ...recipients], input);
};

/** Its own changes to a mail are switched off: it gets the octets as they go over the wire. */
const swaks = (options: (port: number) => readonly string[]): Send => {
  return async ({ mail, recipients, port, folder }) => {
    const file = join(folder, "wire");
    const stuffed = asLines(mail).toString("latin1").replaceAll(/^\./gm, "..");
    await writeFile(file, Buffer.from(`${stuffed}.`, "latin1"));
    const envelope = ["--helo", "client.test", "--from", from, "--to", recipients.join(",")];
    const data = ["--no-data-fixup", "--data", `@${file}`];
    await run("swaks", ["--server", `127.0.0.1:${port}`, ...envelope, ...data, ...options(port)]);
  };
};

export const sendBySwaksWithTls = swaks(() => ["--tls"]);

/** What swaks says of its client. */
export const proxied = { remoteIp: "192.0.2.9", remotePort: 40_009 };

export const sendBySwaksWithProxy = swaks((port) => [
  ...["--proxy-version", "2", "--proxy-family", "AF_INET"],
  ...["--proxy-source", proxied.remoteIp, "--proxy-source-port", String(proxied.remotePort)],
  ...["--proxy-dest", "127.0.0.1", "--proxy-dest-port", String(port)],
]);

const python = `
import smtplib, sys
_, port, sender, *recipients = sys.argv
options = [] if all(recipient.isascii() for recipient in recipients) else ["SMTPUTF8"]
with smtplib.SMTP("127.0.0.1", int(port), "client.test") as server:
    server.sendmail(sender, recipients, sys.stdin.buffer.read(), options)
`;

export const sendByPython: Send = async ({ mail, recipients, port }) => {
  await run("python3", ["-X", "utf8", "-c", python, String(port), from, ...recipients], mail.octets);
};
