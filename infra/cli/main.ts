#!/usr/bin/env node
import { Command, InvalidArgumentError } from "commander";
import { hashPassword } from "../../functions/smtp/credentials.ts";
import { readSettings, StartError } from "../local/settings.ts";
import { readPassword } from "./read-password.ts";
import { type SendOptions, type SendSummary, send, UsageError } from "./send.ts";

/** Exit codes: 0 all done, 1 the server refused or could not be reached, 2 the command was not right. */
const exitCodes = { done: 0, refused: 1, usage: 2 } as const;

const program = new Command("mailchute")
  .description("Inbound mail that you own.")
  .showSuggestionAfterError()
  .showHelpAfterError("(mailchute --help shows what there is)")
  .exitOverride();

program
  .command("send")
  .description("Send a mail to a server, by SMTP")
  .requiredOption("--to <address...>", "one or more recipients")
  .option("--from <address>", "the sender, in the envelope and in From", "you@example.org")
  .option("--subject <text>", "the subject", "Hello from mailchute")
  .option("--text <text>", "the text", "It works.")
  .option("--html <html>", "an HTML alternative")
  .option("--attach <file...>", "files to attach")
  .option("--eml <file>", "send this file as it is")
  .option("--count <n>", "how many times", parseCount, 1)
  .option("--connections <n>", "over how many connections at most", parseCount, 8)
  .option("--server <host:port>", "where to", defaultServer())
  .option("--json", "print the result as JSON")
  .action(runSend);

async function runSend(options: SendOptions & { readonly json?: boolean }): Promise<void> {
  const isWatched = process.stderr.isTTY && options.count > 1;
  const summary = await send(options, (done) => {
    if (isWatched) process.stderr.write(`\r${done}/${options.count}${done === options.count ? "\n" : ""}`);
  });
  process.stdout.write(options.json === true ? `${JSON.stringify(summary)}\n` : describeSummary(summary));
  process.exitCode = summary.refused.length === 0 ? exitCodes.done : exitCodes.refused;
}

function describeSummary({ accepted, refused, lastReply }: SendSummary): string {
  const lines = lastReply === null ? [] : [`accepted ${accepted}: ${lastReply}`];
  const reasons = Map.groupBy(refused, (reason) => reason);
  for (const [reason, times] of reasons) lines.push(`refused ${times.length}: ${reason}`);
  return `${lines.join("\n")}\n`;
}

function defaultServer(): string {
  const { host, smtpPort } = readSettings(process.env);
  return `${host}:${smtpPort}`;
}

function parseCount(value: string): number {
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError("It must be a whole number from 1.");
  return count;
}

program
  .command("hash-password")
  .description("hash a password for smtp.users of the config; it is read from standard input")
  .action(
    async () => void process.stdout.write(`${await hashPassword(await readPassword(process.stdin))}\n`),
  );

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof UsageError || error instanceof StartError)
    process.stderr.write(`error: ${error.message}\n`);
  else if (!(error instanceof Error && "code" in error && String(error.code).startsWith("commander.")))
    throw error;
  const isHelp = error instanceof Error && "exitCode" in error && error.exitCode === 0;
  process.exitCode = isHelp ? exitCodes.done : exitCodes.usage;
}
