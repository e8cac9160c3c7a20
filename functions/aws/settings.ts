import * as z from "zod";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface AwsSettings {
  readonly bucket: string;
  /**
   * By queue name, as `infra/pipeline.ts` has it. URLs and not names, so that a function needs no right to look queues
   * up and has no address of a queue that is none of its business.
   */
  readonly queueUrls: Readonly<Record<string, string>>;
  /** Undefined is AWS itself. */
  readonly s3Endpoint: string | undefined;
  readonly sqsEndpoint: string | undefined;
  readonly secretsManagerEndpoint: string | undefined;
  readonly eventBridgeEndpoint: string | undefined;
  /** The signing secrets of an endpoint lie in the secret of this prefix and its name. */
  readonly secretPrefix: string;
  /** The dimension `Service` of every metric: one for each deployment. */
  readonly service: string;
}

const httpUrl = z.url({ protocol: /^https?$/ });

const Env = z.object({
  MAILCHUTE_BUCKET: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  MAILCHUTE_QUEUE_URLS: z.string().default("{}").transform(readJson).pipe(z.record(z.string(), httpUrl)),
  MAILCHUTE_S3_ENDPOINT: httpUrl.optional(),
  MAILCHUTE_SQS_ENDPOINT: httpUrl.optional(),
  MAILCHUTE_SECRETS_MANAGER_ENDPOINT: httpUrl.optional(),
  MAILCHUTE_EVENTBRIDGE_ENDPOINT: httpUrl.optional(),
  MAILCHUTE_SECRET_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9/_+=.@-]{0,400}$/)
    .default("mailchute/"),
  MAILCHUTE_SERVICE: z
    .string()
    .regex(/^[ -~]{1,100}$/)
    .default("mailchute"),
});

const expectations: Readonly<Record<keyof z.infer<typeof Env>, string>> = {
  MAILCHUTE_BUCKET: "the name of the bucket that holds the mail, such as mailchute-111122223333",
  MAILCHUTE_QUEUE_URLS:
    'JSON of queue names and URLs, such as {"parse":"https://sqs.eu-west-1.amazonaws.com/111122223333/parse"}',
  MAILCHUTE_S3_ENDPOINT: "an http or https URL, such as http://127.0.0.1:9000, or unset for AWS",
  MAILCHUTE_SQS_ENDPOINT: "an http or https URL, such as http://127.0.0.1:9324, or unset for AWS",
  MAILCHUTE_SECRETS_MANAGER_ENDPOINT: "an http or https URL, such as http://127.0.0.1:5000, or unset for AWS",
  MAILCHUTE_EVENTBRIDGE_ENDPOINT: "an http or https URL, such as http://127.0.0.1:4010, or unset for AWS",
  MAILCHUTE_SECRET_PREFIX: "the start of a Secrets Manager name, such as mailchute/",
  MAILCHUTE_SERVICE: "1 to 100 printable ASCII characters, such as mailchute",
};

/**
 * Reads what a deployment sets; an error names each variable, what it is and what would be right. Where Mailchute's own
 * variable for an endpoint is unset, AWS's standard ones hold.
 */
export function readAwsSettings(env: Environment): AwsSettings {
  const found: Environment = {
    ...env,
    MAILCHUTE_S3_ENDPOINT: endpointIn(env, "S3"),
    MAILCHUTE_SQS_ENDPOINT: endpointIn(env, "SQS"),
    MAILCHUTE_SECRETS_MANAGER_ENDPOINT: endpointIn(env, "SECRETS_MANAGER"),
    MAILCHUTE_EVENTBRIDGE_ENDPOINT: endpointIn(env, "EVENTBRIDGE"),
  };
  const parsed = Env.safeParse(found);
  if (!parsed.success) {
    const names = new Set(parsed.error.issues.map(({ path }) => Env.keyof().parse(path[0])));
    throw new Error([...names].map((name) => describe(name, found[name])).join("; "));
  }
  return {
    bucket: parsed.data.MAILCHUTE_BUCKET,
    queueUrls: parsed.data.MAILCHUTE_QUEUE_URLS,
    s3Endpoint: parsed.data.MAILCHUTE_S3_ENDPOINT,
    sqsEndpoint: parsed.data.MAILCHUTE_SQS_ENDPOINT,
    secretsManagerEndpoint: parsed.data.MAILCHUTE_SECRETS_MANAGER_ENDPOINT,
    eventBridgeEndpoint: parsed.data.MAILCHUTE_EVENTBRIDGE_ENDPOINT,
    secretPrefix: parsed.data.MAILCHUTE_SECRET_PREFIX,
    service: parsed.data.MAILCHUTE_SERVICE,
  };
}

const endpointIn = (env: Environment, service: string) =>
  env[`MAILCHUTE_${service}_ENDPOINT`] ?? env[`AWS_ENDPOINT_URL_${service}`] ?? env["AWS_ENDPOINT_URL"];

function describe(name: keyof z.infer<typeof Env>, value: string | undefined): string {
  const is = value === undefined ? "is not set" : `is ${JSON.stringify(value)}`;
  return `${name} ${is} but must be ${expectations[name]}`;
}

function readJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "not JSON" });
    return z.NEVER;
  }
}
