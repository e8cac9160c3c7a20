/** What a deployment on AWS is told beside the config: the context `mailchute` in cdk.json. Every key has a default. */
import * as z from "zod";
import { domainName } from "../functions/mail/address-pattern.ts";
import { retentionDays } from "./pipeline.ts";

/** A message may wait its time in a queue, and then as long in the dead-letter queue: what it needs must still be there. */
export const keepDaysLowest = 2 * retentionDays + 1;

const Vpc = z.strictObject({
  id: z.string().regex(/^vpc-[0-9a-f]+$/),
  /** Two zones at least, in the order of `publicSubnetIds`; their routes lead to an Internet gateway. */
  availabilityZones: z.array(z.string()).min(2),
  publicSubnetIds: z.array(z.string().regex(/^subnet-[0-9a-f]+$/)).min(2),
});

export const Deployment = z
  .strictObject({
    /** The first part of every name, and the dimension `Service` of every metric: one for each deployment in an account. */
    service: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,30}$/)
      .default("mailchute"),
    /** Left out, a new one is made. */
    vpc: Vpc.optional(),
    /** The zone that gets the records. Left out, the outputs say which records to make. */
    hostedZone: z
      .strictObject({
        id: z.string().regex(/^[A-Z0-9]{1,32}$/),
        name: z.string().regex(domainName).toLowerCase(),
      })
      .optional(),
    /** Tells senders to insist on TLS (RFC 8461). You serve the policy, an output, by https; begin with testing. */
    mtaSts: z.enum(["testing", "enforce"]).optional(),
    /** Where senders report what TLS came to (RFC 8460). */
    tlsReportsTo: z.email().optional(),
    /** An AAAA record too. Behind the balancer, clients on IPv6 lose their address, and SPF with it: docs/decisions/0011. */
    isIpv6Published: z.boolean().default(false),
    /**
     * The MX host's. Without a hosted zone that it lies in, what is said of ACME is moot, and the front end signs its own.
     * A secret of yours holds JSON, {"certificate": PEM, "privateKey": PEM}. Who lets ACME do it agrees to the
     * authority's terms.
     */
    certificate: z
      .union([
        z.literal("self-signed"),
        z.strictObject({ secretArn: z.string().regex(/^arn:[\w-]+:secretsmanager:/) }),
        z.strictObject({ acmeDirectory: z.url({ protocol: /^https$/ }) }),
      ])
      .default({ acmeDirectory: "https://acme-v02.api.letsencrypt.org/directory" }),
    ports: z.array(z.literal([25, 465, 587])).default([25]),
    tasks: z
      .strictObject({ min: z.int().min(2), max: z.int().min(2) })
      .refine(({ min, max }) => min <= max, "min is at most max")
      .default({ min: 2, max: 20 }),
    encryption: z.enum(["s3", "kms"]).default("s3"),
    isVersioned: z.boolean().default(false),
    /** Mail, and all that is made of it, is deleted after this. */
    keepDays: z.int().min(keepDaysLowest).default(60),
    /** Gets the alarms. */
    alarmEmail: z.email().optional(),
  })
  .prefault({});
export type Deployment = z.output<typeof Deployment>;
