/** The config's `smtp` section: how the front end treats its clients. Each connection goes by the version it finds. */
import * as z from "zod";
import { domainName } from "./address-pattern.ts";
import { configLimits } from "./config-limits.ts";
import { Network, strict } from "./when.ts";
import { wholeNumber } from "./whole-number.ts";

const networks = z
  .array(Network, "write a list of networks")
  .max(configLimits.valuesMax, `write at most ${configLimits.valuesMax} networks`);

const many = 1_000_000;

const userRule = "write a name of 1 to 100 printable ASCII characters without spaces";
const hashRule = "write what `mailchute hash-password` prints, such as scrypt$15$8$3$…$…";

const Users = z
  .record(
    z.string(userRule).regex(/^[!-~]{1,100}$/, userRule),
    z.string(hashRule).regex(/^scrypt\$1[4-7]\$8\$[1-5]\$[\w-]{22}\$[\w-]{43}$/, hashRule),
    'write hashes of passwords by user, such as { "relay": "scrypt$15$8$3$…$…" }',
  )
  .describe(
    "Who may authenticate: hashes by name, made by `mailchute hash-password`; AUTH is offered under TLS",
  );

const PerAddress = strict({
  connectionsMax: wholeNumber(20, 1, many).describe("At the same time; 421 beyond"),
  connectionsPerMinuteMax: wholeNumber(300, 1, many).describe("421 beyond"),
  messagesPerMinuteMax: wholeNumber(1000, 1, many).describe("451 beyond"),
  refusedRecipientsPerMinuteMax: wholeNumber(100, 1, many).describe("421 beyond: it is guessing addresses"),
}).describe("What one address may ask for; an IPv6 client is its /64 network");

const zoneRule = "write a DNS zone, such as zen.spamhaus.org";
const zone = z.string(zoneRule).regex(domainName, zoneRule);

const Dns = strict({
  reverseName: z
    .boolean("write true or false")
    .describe("Find the name of each client's address; it stands in the envelope and in Received")
    .default(false),
  blockLists: z
    .array(zone, "write a list of DNS zones")
    .max(10, "write at most 10 zones")
    .describe("DNS block lists to ask about each client")
    .default([]),
  blockListed: z
    .enum(["reject", "flag"], 'write "reject" or "flag"')
    .describe("A client that is listed is greeted with 554, or its mail names the lists in the envelope")
    .default("reject"),
  timeoutMs: wholeNumber(2000, 100, 30_000).describe("Until the greeting goes out without an answer"),
}).describe("What is asked about a client before it is greeted; DNS that fails never turns mail away");

const Failures = strict({
  undelayedMax: wholeNumber(10, 0, many).describe(
    "From the next on, each answer comes later than the one before",
  ),
  max: wholeNumber(20, 1, many).describe("The next is answered 421"),
}).describe("Commands and recipients refused since the last accepted message");

const Deadlines = strict({
  idleSeconds: wholeNumber(300, 10, 3600).describe("Between two commands; RFC 5321 asks for at least 300"),
  dataBlockSeconds: wholeNumber(180, 10, 3600).describe("Without an octet of a message"),
  rateMinBytesPerSecond: wholeNumber(500, 0, 1_000_000).describe(
    "Of a message, over each minute in which any of it came",
  ),
  transactionSeconds: wholeNumber(1800, 60, 86_400).describe("From MAIL to the end of the message"),
  tlsHandshakeSeconds: wholeNumber(30, 1, 300),
}).describe("How long a client may take");

export const SmtpSection = strict({
  bareNewlines: z
    .enum(["reject", "flag"], 'write "reject" or "flag"')
    .describe("A message with a bare CR, bare LF or NUL is refused, or taken unchanged and marked")
    .default("reject"),
  bareNewlinesFlaggedFrom: networks.describe("Networks for which bareNewlines is flag").default([]),
  exemptFrom: networks
    .describe("Networks whose clients neither wait nor are counted: this machine, your own relays")
    .default(["127.0.0.0/8", "::1/128"]),
  proxyFrom: networks
    .describe("Balancers: every client must come through one, which sends a PROXY header (version 1 or 2)")
    .default([]),
  xclientFrom: networks
    .describe("Proxies that are believed when they say by XCLIENT who their client is")
    .default([]),
  greetingDelayMs: wholeNumber(300, 0, 10_000).describe(
    "Before the greeting; a client that speaks sooner is turned away",
  ),
  earlyPipelining: z
    .enum(["reject", "allow"], 'write "reject" or "allow"')
    .describe(
      "What becomes of a client that sends on before EHLO, or after HELO, without waiting for a reply",
    )
    .default("reject"),
  users: Users.default({}),
  failures: Failures.prefault({}),
  perAddress: PerAddress.prefault({}),
  dns: Dns.prefault({}),
  deadlines: Deadlines.prefault({}),
}).describe("How the front end behaves");

/** As checked. */
export type SmtpSection = z.output<typeof SmtpSection>;
