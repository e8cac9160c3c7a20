#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from "commander";
import { replayParts } from "../../functions/deliver/replay.ts";
import { createdAtMs } from "../../functions/mail/id.ts";
import { hashPassword } from "../../functions/smtp/credentials.ts";
import { readSettings, StartError } from "../local/settings.ts";
import { type Api, createApi } from "./api.ts";
import { type ComposeOptions, composeMail } from "./compose.ts";
import { check, pull, push, rotateSecret } from "./config.ts";
import { doctor } from "./doctor.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { explain, list, type Output, redrive, replay, show, tail, wait } from "./messages.ts";
import { printable, showProgress } from "./output.ts";
import { plan } from "./plan.ts";
import { readPassword } from "./read-password.ts";
import type { SendOptions, SendSummary } from "./send.ts";
import { templates } from "./templates.ts";

const program = new Command("mailchute")
  .description("Inbound mail that you own: the commands work on a running npm start, or on AWS.")
  .option("--url <origin>", "where npm start's HTTP port is", defaultUrl())
  .option("--stack <name>", "work on this stack on AWS instead")
  .option("--hours <n>", "with --stack: hours of its logs to read", parseCount, 24)
  .option("--json", "print JSON for scripts")
  .showSuggestionAfterError()
  .showHelpAfterError("(mailchute --help shows what there is)")
  .addHelpText(
    "after",
    `
Exit codes: 0 done, 1 the answer is no (refused, not found, not right), 2 the command was not right,
3 the program or the stack could not be reached.`,
  )
  .exitOverride();

program
  .command("send")
  .description("send a mail to a server, by SMTP")
  .requiredOption("--to <address...>", "one or more recipients")
  .option("--from <address>", "the sender, in the envelope and in From", "you@example.org")
  .addOption(
    new Option("--template <name>", "what kind of mail").choices(Object.keys(templates)).default("plain"),
  )
  .option("--subject <text>", "in place of the template's")
  .option("--text <text>", "in place of the template's")
  .option("--html <html>", "in place of the template's")
  .option("--attach <file...>", "files to attach")
  .option("--eml <file>", "send this file as it is")
  .option("--count <n>", "how many times", parseCount, 1)
  .option("--connections <n>", "over how many connections at most", parseCount, 8)
  .option("--server <host:port>", "where to", defaultServer())
  .option("--json", "print the result as JSON")
  .action(runSend);

program
  .command("list [query]")
  .summary("messages, newest first")
  .description('messages, newest first: list "from:ann is:failed has:attachment invoice"')
  .option("--limit <n>", "how many at most", parseCount, 20)
  .action(async (query = "", { limit }) => print(await withApi((api) => list(query, limit, api))));

program
  .command("wait <query>")
  .summary("wait for a message that matches")
  .description("wait for a message that matches, such as one that is:delivered")
  .option("--timeout <seconds>", "how long, 60 at most", parseCount, 30)
  .option("--since <time>", "only what came then or later, as ISO 8601")
  .action(async (query, options) => print(await withApi((api) => wait(query, options, api))));

program
  .command("show <id>")
  .description("all that is known of a message, or of a refused one by its number")
  // A number tells no time.
  .action(async (id) =>
    print(await withApi((api) => show(id, api), id.includes("-") ? createdAtMs(id) : undefined)),
  );

program
  .command("tail")
  .description("each message as it comes and goes on, until Ctrl-C")
  .action(async () => withApi((api) => tail(api, print)));

program
  .command("explain <file>")
  .description("where a mail would go, and what each route saw")
  .requiredOption("--to <address...>", "recipients")
  .option("--from <address>", "the reverse-path; left out for <>")
  .option("--remote-ip <address>", "the client's address", "127.0.0.1")
  .action(async (file, options) => print(await withApi((api) => explain(file, options, api))));

program
  .command("replay [id]")
  .summary("send messages through the stages once more")
  .description("send a message, or all of a time, through the stages once more")
  .option("--since <time>", "all that came then or later, as 2026-01-02T03:04:05Z")
  .option("--until <time>", "and not after")
  .option("--endpoint <name>", "only its webhook")
  .option("--route <name>", "only what this route delivers")
  .option("--reason <text>", "stands in the webhook")
  .action(async (id, options) =>
    print(await withApi((api) => replay(id, options, api, progressOf(replayParts)))),
  );

program
  .command("redrive <stage>")
  .summary("put a stage's dead letters back")
  .description("put dead letters back: parse, validate, route or deliver")
  .action(async (stage) => print(await withApi((api) => redrive(stage, api, progressOf))));

const config = program.command("config").description("the config: check, pull, push");
config
  .command("check [file]")
  .description("is it right? needs no running program")
  .action(async (file) => print(await check(file ?? readSettings(process.env).configFile)));
config
  .command("pull")
  .description("print the one in force")
  .action(async () => print(await withApi((api) => pull(api))));
config
  .command("push <file>")
  .description("put it into force until the program's own file changes")
  .action(async (file) => print(await withApi((api) => push(file, api))));

program
  .command("secret")
  .description("signing secrets")
  .command("rotate <endpoint>")
  .description("make a new one; both sign until the next time")
  .action(async (endpoint) => print(await withApi((api) => rotateSecret(endpoint, api))));

program
  .command("doctor")
  .summary("find what is wrong, and say what to do")
  .description("look at config, ports, TLS, queues, endpoints and DNS, and say what to do")
  .option("--server <host:port>", "the SMTP port, if not the config's own")
  .option("--domain <name>", "whose MX record to look up")
  .action(async ({ server, domain = null }) => {
    const stack: string | null = program.opts()["stack"] ?? null;
    const configFile = stack === null ? readSettings(process.env).configFile : null;
    const smtpServer = server ?? (stack === null ? defaultServer() : null);
    const found = await withApi((api) => doctor({ api, stack, smtpServer, configFile, domain }));
    print(found);
    process.exitCode = found.isWell ? exitCodes.done : exitCodes.no;
  });

program
  .command("plan")
  .summary("what a load would cost on AWS")
  .description(
    "what a load would cost on AWS: tasks, concurrency, requests and dollars; needs no running program",
  )
  .requiredOption("--mails-per-month <n>", "how many", parseCount)
  .option("--size <KB>", "of a mail, on average", parseCount, 32)
  .option("--peak <n>", "the busiest second, as a multiple of the average", parseCount, 5)
  .action(({ mailsPerMonth, size, peak }) => print(plan({ mailsPerMonth, sizeKb: size, peak })));

program
  .command("hash-password")
  .summary("hash a password for smtp.users")
  .description("hash a password for smtp.users of the config; it is read from standard input")
  .action(
    async () => void process.stdout.write(`${await hashPassword(await readPassword(process.stdin))}\n`),
  );

async function runSend(options: ComposeOptions & SendOptions): Promise<void> {
  // A mail client is a large thing to load for a command that sends nothing.
  const { send } = await import("./send.ts");
  const summary = await send(await composeMail(options), options, progressOf(options.count));
  print({ json: summary, text: describeSummary(summary) });
  process.exitCode = summary.refused.length === 0 ? exitCodes.done : exitCodes.no;
}

function describeSummary({ accepted, refused, lastReply }: SendSummary): string {
  const lines = lastReply === null ? [] : [`accepted ${accepted}: ${lastReply}`];
  const reasons = Map.groupBy(refused, (reason) => reason);
  for (const [reason, times] of reasons) lines.push(`refused ${times.length}: ${reason}`);
  return lines.join("\n");
}

const progressOf = (total: number) =>
  showProgress(total, { to: process.stderr, isJson: program.opts()["json"] === true });

function print({ json, text }: Output): void {
  const { json: isJson } = program.opts();
  process.stdout.write(`${isJson === true ? JSON.stringify(json) : printable(text)}\n`);
}

const hourMs = 3_600_000;

/** Runs a command on the program at `--url`, or on the stack with what was logged since then. */
async function withApi<Result>(run: (api: Api) => Promise<Result>, fromMs = Number.NaN): Promise<Result> {
  const { url, stack, hours } = program.opts();
  if (stack === undefined) return run(createApi(String(url).replace(/\/$/, "")));
  // The SDK is a large thing to load for a command on this machine.
  const { openStack } = await import("./stack/open-stack.ts");
  const { api, close } = await openStack(stack, fromMs || Date.now() - hours * hourMs);
  return run(api).finally(close);
}

function defaultUrl(): string {
  const { host, httpPort } = settingsOrDefaults();
  return `http://${host}:${httpPort}`;
}

function defaultServer(): string {
  const { host, smtpPort } = settingsOrDefaults();
  return `${host}:${smtpPort}`;
}

/** What is wrong with the environment is told when it is used, not by `--help`. */
function settingsOrDefaults() {
  try {
    return readSettings(process.env);
  } catch {
    return readSettings({});
  }
}

function parseCount(value: string): number {
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InvalidArgumentError("It must be a whole number from 1.");
  return count;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof StartError) return exitCodes.usage;
  // Help that was asked for is no error.
  if (isCommanderError(error)) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  throw error;
}

const isCommanderError = (error: unknown): error is Error & { readonly exitCode: unknown } =>
  error instanceof Error &&
  "code" in error &&
  "exitCode" in error &&
  String(error.code).startsWith("commander.");

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  if (error instanceof Error && !isCommanderError(error))
    process.stderr.write(`error: ${printable(error.message)}\n`);
}
