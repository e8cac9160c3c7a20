/** The one config file: what is received, and where it goes. */
import * as z from "zod";
import { domainName } from "./address-pattern.ts";
import { configLimits } from "./config-limits.ts";
import { crossProblems, shapeProblems } from "./config-problems.ts";
import { limits } from "./limits.ts";
import { SmtpSection } from "./smtp-section.ts";
import { oneOrMore, strict, When, WhenAtRcpt } from "./when.ts";
import { wholeNumber } from "./whole-number.ts";

/** Thrown for a config that cannot stand; each problem names the path, what stands there, and what would be right. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

const namePattern = /^[a-z][a-z0-9-]{0,62}$/;
const nameRule = "write a lower-case letter, then up to 62 lower-case letters, digits and hyphens";
const name = z.string(nameRule).regex(namePattern, nameRule);

const reasonRule = `write the reason, in 1 to ${configLimits.reasonMaxLength} characters`;
const reason = z.string(reasonRule).min(1, reasonRule).max(configLimits.reasonMaxLength, reasonRule);

const rejectRule = `write the reply's text, in 1 to ${configLimits.rejectTextMaxLength} printable ASCII characters`;
const rejectText = z
  .string(rejectRule)
  .min(1, rejectRule)
  .max(configLimits.rejectTextMaxLength, rejectRule)
  .regex(/^[ -~]*$/, rejectRule);

const url = z
  .string("write an https URL")
  .max(configLimits.urlMaxLength, `write at most ${configLimits.urlMaxLength} characters`);

const queueRule =
  "write the ARN of an SQS standard queue, such as arn:aws:sqs:eu-west-1:111122223333:billing-mail";
const queueArn = z
  .string(queueRule)
  .regex(/^arn:aws(?:-[a-z]+)*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}$/, queueRule);

const busRule =
  "write the ARN of an EventBridge bus, such as arn:aws:events:eu-west-1:111122223333:event-bus/mail";
const busArn = z
  .string(busRule)
  .regex(/^arn:aws(?:-[a-z]+)*:events:[a-z0-9-]+:[0-9]{12}:event-bus\/[A-Za-z0-9_./-]{1,256}$/, busRule);

/** What a webhook's body looks like: Mailchute's own, or as another provider writes it. */
const webhookFormats = ["mailchute", "postmark", "sendgrid", "mailgun", "cloudmailin"] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

const WebhookEndpoint = strict({
  url: url.describe("Where signed webhooks are sent: https, unless allowPrivateAddress"),
  allowPrivateAddress: z
    .boolean("write true or false")
    .describe("The URL may be http, and may lead to a private or loopback address")
    .optional(),
  format: z
    .enum(webhookFormats, `write one of ${webhookFormats.join(", ")}`)
    .describe("What the body looks like: Mailchute's own (the default), or that of another provider")
    .optional(),
}).superRefine((endpoint, context) => {
  const problem = urlProblem(endpoint.url, endpoint.allowPrivateAddress === true);
  if (problem !== null) context.addIssue({ code: "custom", path: ["url"], message: problem });
});

/** Where mail goes: a webhook, an SQS queue, an EventBridge bus, or the built-in sink of `npm start`. */
export const Endpoint = z.union([
  WebhookEndpoint,
  strict({ queue: queueArn }),
  strict({ bus: busArn }),
  strict({ sink: z.literal(true, "write true") }),
]);
export type Endpoint = z.output<typeof Endpoint>;

const matching = {
  name: name.describe("Named in webhooks, events and metrics; each route has its own"),
  when: When.describe("All of these must hold; none means every accepted recipient").optional(),
};

export const Route = z.union([
  strict({
    ...matching,
    to: oneOrMore(name).describe("The endpoints that get the mail"),
    continue: z.boolean("write true or false").describe("Later routes are tried as well").optional(),
  }),
  strict({ ...matching, drop: reason.describe("The mail is recorded and let go, for this reason") }),
  strict({ ...matching, quarantine: reason.describe("The mail is kept aside, for this reason") }),
  strict({
    ...matching,
    when: WhenAtRcpt.describe(
      "Conditions on recipient and client alone: RCPT is answered with them",
    ).optional(),
    reject: rejectText.describe("RCPT is answered 550 with this text"),
  }),
]);
export type Route = z.output<typeof Route>;

const hostnameRule = "write the domain name that the server goes by, such as mx.example.com";

const domainRule = "write a domain name, such as example.com";
const domain = z
  .string(domainRule)
  .regex(domainName, domainRule)
  .transform((text) => text.toLowerCase());

/** The schema itself, for the published JSON Schema. */
export const ConfigFile = strict({
  $schema: z.string().describe("For editors").optional(),
  hostname: z
    .string(hostnameRule)
    .regex(domainName, hostnameRule)
    .describe("The name in the greeting, the MX record and Received fields"),
  endpoints: z
    .record(name, Endpoint, 'write endpoints by name, such as { "inbox": { "url": "https://…" } }')
    .describe("Where mail goes, by name"),
  routes: z
    .array(Route, "write a list of routes")
    .max(configLimits.routesMax, `write at most ${configLimits.routesMax} routes`)
    .describe("Tried in order for each recipient; the first that matches takes it"),
  postmaster: oneOrMore(name)
    .describe(
      "Endpoints for mail to postmaster, which every mail domain must take; the first endpoint when left out",
    )
    .optional(),
  limits: strict({
    messageMaxSizeBytes: wholeNumber(
      limits.messageMaxSizeBytes,
      configLimits.messageMaxSizeBytesLowest,
      configLimits.messageMaxSizeBytesHighest,
    ),
    recipientsMax: wholeNumber(
      limits.recipientsMax,
      configLimits.recipientsMaxLowest,
      configLimits.recipientsMaxHighest,
    ),
    hopsMax: wholeNumber(limits.hopsMax, configLimits.hopsMaxLowest, configLimits.hopsMaxHighest),
  })
    .describe("Overrides of limits")
    .prefault({}),
  smtp: SmtpSection.prefault({}),
  validate: strict({
    trustedArcSealers: z
      .array(domain, "write a list of domains")
      .max(configLimits.valuesMax, `write at most ${configLimits.valuesMax} domains`)
      .describe(
        "Forwarders whose ARC seals count: mail that fails DMARC, and that one of them saw pass, is `dmarc: arc` to routes",
      )
      .default([]),
    findDuplicates: z
      .boolean("write true or false")
      .describe(
        "Mark mail whose Message-ID has come before for the same recipients: one more object for each mail",
      )
      .default(false),
  })
    .describe("How mail is judged")
    .prefault({}),
});

/** As checked: every list is a list, every default is filled in. JSON of it is a config file again. */
export type Config = z.output<typeof ConfigFile> & { postmaster: string[] };

/** As written. */
export type ConfigInput = z.input<typeof ConfigFile>;

type Named<Name extends string> = Name | Name[];
type RouteInput<Name extends string, Any = z.input<typeof Route>> = Any extends { to: unknown }
  ? Omit<Any, "to"> & { to: Named<Name> }
  : Any;

/** Types a config file, so that an editor completes it and knows its endpoints' names. */
export function defineConfig<const Name extends string>(
  config: Omit<ConfigInput, "endpoints" | "routes" | "postmaster"> & {
    endpoints: Record<Name, z.input<typeof Endpoint>>;
    routes: RouteInput<NoInfer<Name>>[];
    postmaster?: Named<NoInfer<Name>>;
  },
): ConfigInput {
  return config;
}

/** Checks a config that was read from outside; throws {@link ConfigError} with everything that is wrong. */
export function parseConfig(value: unknown): Config {
  const parsed = ConfigFile.safeParse(value);
  const problems = [
    ...(parsed.success ? [] : shapeProblems(parsed.error.issues, value)),
    ...crossProblems(value),
  ];
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  const { endpoints, postmaster } = parsed.data;
  return { ...parsed.data, postmaster: postmaster ?? Object.keys(endpoints).slice(0, 1) };
}

function urlProblem(text: string, isPrivateAllowed: boolean): string | null {
  if (!URL.canParse(text)) return "write an https URL, such as https://app.example.com/hooks/mail";
  const { protocol, username, password, hash } = new URL(text);
  if (username !== "" || password !== "")
    return "leave the user name and password out; webhooks are signed instead";
  if (hash !== "") return "leave the # and what follows out; it is never sent";
  if (protocol === "https:" || (protocol === "http:" && isPrivateAllowed)) return null;
  if (protocol !== "http:") return "write an https URL";
  return "write an https URL, or set allowPrivateAddress: true for a service of your own network";
}
