/** Looks at everything that must be right for mail to arrive, and says what to do where it is not. */
import { resolveMx } from "node:dns/promises";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import * as z from "zod";
import { parseConfig } from "../../functions/mail/config.ts";
import { configWarnings } from "../../functions/mail/config-warnings.ts";
import { Status } from "../local/http/api/schemas.ts";
import type { Api } from "./api.ts";
import { check } from "./config.ts";
import { CommandError, exitCodes } from "./exit.ts";
import type { Output } from "./messages.ts";
import { table } from "./output.ts";

export interface Finding {
  readonly what: string;
  readonly state: "good" | "warning" | "bad";
  readonly detail: string;
  /** What would help; null where all is well. */
  readonly advice: string | null;
}

export interface DoctorDeps {
  readonly api: Api;
  /** Null for `npm start`. */
  readonly stack: string | null;
  /** Null for the host that the config names. */
  readonly smtpServer: string | null;
  /** Null for the config in force. */
  readonly configFile: string | null;
  /** Whose mail exchanger is looked up; null for none. */
  readonly domain: string | null;
}

export async function doctor(deps: DoctorDeps): Promise<Output & { readonly isWell: boolean }> {
  const checks = [checkConfig(deps), checkApi(deps), checkSmtp(deps), checkMx(deps)];
  const findings = (await Promise.all(checks)).flat();
  const rows = findings.flatMap(({ what, state, detail, advice }) => [
    [state, what, detail],
    ...(advice === null ? [] : [["", "", `→ ${advice}`]]),
  ]);
  return { json: { findings }, text: table(rows), isWell: findings.every(({ state }) => state !== "bad") };
}

/** What helps is another thing on one machine than on AWS. */
const advice = (stack: string | null) =>
  stack === null
    ? {
        command: "mailchute",
        config: "correct the file; the program keeps the last good version",
        api: 'start the program with "npm start"',
        endpoint: "see what it answers in the inspector; attempts go on by themselves",
        smtp: "start the program, or name another with --server",
      }
    : {
        command: `mailchute --stack ${stack}`,
        config: `put a right one there: "mailchute --stack ${stack} config push FILE"`,
        api: "see that your credentials may read the stack's queues, bucket and logs",
        endpoint: `"mailchute --stack ${stack} list is:failed" names the mails, and show tells of each; attempts go on by themselves`,
        smtp: "see in ECS that the service runs, and that your network lets port 25 out; --server names another host",
      };

const good = (what: string, detail: string): Finding => ({ what, state: "good", detail, advice: null });
const bad = (what: string, detail: string, advice: string): Finding => ({
  what,
  state: "bad",
  detail,
  advice,
});
const warning = (what: string, detail: string, advice: string): Finding => ({
  what,
  state: "warning",
  detail,
  advice,
});

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function checkConfig({ api, stack, configFile }: DoctorDeps): Promise<Finding[]> {
  try {
    const warnings =
      configFile === null
        ? configWarnings(await readInForce(api))
        : await check(configFile).then(({ text }) => text.split("\n").slice(0, -1));
    if (warnings.length === 0) return [good("config", `${configFile ?? "the one in force"} is right`)];
    return warnings.map((line) => warning("config", line, "change it if that is not what you meant"));
  } catch (error) {
    const isSilent = error instanceof CommandError && error.exitCode === exitCodes.unreachable;
    return [bad("config", messageOf(error), isSilent ? advice(stack).api : advice(stack).config)];
  }
}

const readInForce = async (api: Api) =>
  parseConfig((await api.get("/config", z.object({ config: z.unknown() }))).config);

async function checkApi({ api, stack }: DoctorDeps): Promise<Finding[]> {
  const advised = advice(stack);
  try {
    const { queues, endpoints, totals } = await api.get("/status", Status);
    const { accepted, underway, queued } = totals;
    const isWhole = underway <= queued;
    return [
      good("api", `${stack === null ? api.origin : `the stack ${stack}`} answers`),
      isWhole
        ? good("messages", `${accepted} accepted, ${underway} under way`)
        : warning("messages", `${underway} under way, ${queued} in queues`, "run this again in a moment"),
      ...queues.map(({ stage, deadLetters, oldestSeconds, visible, inFlight, delayed }) =>
        deadLetters > 0
          ? bad(
              `queue ${stage}`,
              `${deadLetters} dead letters`,
              `mend what failed ("${advised.command} list is:dead" names them), then "${advised.command} redrive ${stage}"`,
            )
          : good(
              `queue ${stage}`,
              `${visible + inFlight + delayed} messages${oldestSeconds === null ? "" : `, the oldest ${oldestSeconds} s`}`,
            ),
      ),
      ...endpoints.map(({ endpoint, attempts, failed, lastReason }) =>
        failed > 0
          ? warning(
              `endpoint ${endpoint}`,
              `${failed} of the last ${attempts} attempts failed: ${lastReason ?? "the last one did not"}`,
              advised.endpoint,
            )
          : good(
              `endpoint ${endpoint}`,
              attempts === 0 ? "nothing sent yet" : `${attempts} attempts, none failed`,
            ),
      ),
    ];
  } catch (error) {
    return [bad("api", messageOf(error), advised.api)];
  }
}

const smtpTimeoutMs = 5_000;

/** Says EHLO as a client would. */
async function checkSmtp({ api, stack, ...deps }: DoctorDeps): Promise<Finding[]> {
  let smtpServer = deps.smtpServer ?? "the config's hostname";
  try {
    smtpServer = deps.smtpServer ?? `${(await readInForce(api)).hostname}:25`;
    const lines = await greet(smtpServer);
    const canStartTls = lines.some((line) => /^250[- ]STARTTLS/i.test(line));
    return [
      good("smtp", `${smtpServer} greets: ${lines[0] ?? ""}`),
      canStartTls
        ? good("tls", "STARTTLS is offered")
        : warning("tls", "STARTTLS is not offered", "without a certificate mail comes in the clear"),
    ];
  } catch (error) {
    return [bad("smtp", `${smtpServer}: ${messageOf(error)}`, advice(stack).smtp)];
  }
}

async function greet(server: string): Promise<string[]> {
  const [host = "", port = ""] = server.split(/:(?=\d+$)/);
  const socket = connect(Number(port), host.replace(/^\[(.*)\]$/, "$1"));
  socket.setTimeout(smtpTimeoutMs, () => socket.destroy(new Error("no answer within 5 s")));
  const lines: string[] = [];
  try {
    for await (const line of createInterface({ input: socket })) {
      lines.push(line);
      if (/^220 /.test(line)) socket.write("EHLO doctor.invalid\r\n");
      if (/^250 /.test(line)) break;
      if (/^[45]/.test(line)) throw new Error(line);
    }
    socket.end("QUIT\r\n");
    return lines;
  } finally {
    socket.destroy();
  }
}

async function checkMx({ domain }: DoctorDeps): Promise<Finding[]> {
  if (domain === null) return [];
  try {
    const found = await resolveMx(domain);
    const hosts = found.map(({ exchange, priority }) => `${priority} ${exchange}`).join(", ");
    return [good("dns", `mail for ${domain} goes to ${hosts}`)];
  } catch (error) {
    return [
      warning(
        "dns",
        `${domain} has no MX record here: ${messageOf(error)}`,
        "for mail from outside, publish one that names this host; on one machine none is needed",
      ),
    ];
  }
}
