/** The only importer of mailauth: its four mechanisms one by one, since the whole of it loads twice the code (BIMI). */
import { isIP } from "node:net";
import { Readable } from "node:stream";
import { domainToASCII } from "node:url";
import { arc } from "mailauth/lib/arc/index.js";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { evaluateDmarc } from "mailauth/lib/dmarc/index.js";
import { spf } from "mailauth/lib/spf/index.js";
import * as z from "zod";
import { describeError } from "../mail/errors.ts";
import type { Envelope } from "../mail/messages.ts";
import type { Clock, Resolve } from "../mail/ports.ts";
import { BoundedBody, type OpenedMessage, openMessage, withCrlf } from "./guard.ts";
import { type ArcSeal, type Evidence, refuseMessage, refuseSignature, type SpfEvidence } from "./verdict.ts";

export interface AuthenticateDeps {
  readonly resolve: Resolve;
  readonly hostname: string;
  readonly now: Clock;
}

export interface Authenticated {
  readonly evidence: Evidence;
  /** What kept mechanisms from looking at the message; null when nothing did. */
  readonly obstacle: string | null;
}

/** RFC 7208, 6376, 8617 and 9989 to the letter: the lenient default ignores `t=s` keys and passes malformed ARC seals. */
const strict = true;

/** Judges one message as sent, which is read once, as a stream. Rejects only where `data` does. */
export async function authenticate(
  data: AsyncIterable<Uint8Array>,
  envelope: Envelope,
  deps: AuthenticateDeps,
): Promise<Authenticated> {
  const resolver = createMailauthResolver(deps.resolve);
  const spfChecked = checkSpf(envelope, resolver, deps);
  const message = await openMessage(envelope.bareNewlines ? withCrlf(data) : data);
  const body = new BoundedBody(message.body, deps.now);
  const refuse = async (obstacle: string) => {
    return { evidence: refuseMessage(obstacle, message.hasArc, await spfChecked), obstacle };
  };
  if (message.exceeded !== null) return refuse(message.exceeded);
  try {
    const evidence = await verify({ ...message, body }, spfChecked, { ...deps, resolver, envelope });
    return { evidence, obstacle: body.exceeded };
  } catch (error) {
    if (body.failure !== null) throw error;
    return refuse(`mailauth failed: ${describeError(error)}`);
  }
}

type MailauthResolver = (name: string, type: string) => Promise<string[] | string[][]>;

/** Never rejects: what goes wrong is a result. */
function checkSpf(envelope: Envelope, resolver: MailauthResolver, { hostname }: AuthenticateDeps) {
  const { helo, mailFrom, remoteIp } = envelope;
  return spf({
    ip: remoteIp,
    // An address is no domain: in brackets it is not looked up as one.
    helo: isIP(helo) === 0 ? helo : `[${helo}]`,
    ...(mailFrom === null ? {} : { sender: mailFrom }),
    mta: hostname,
    resolver,
    strict,
  });
}

interface VerifyDeps {
  readonly resolver: MailauthResolver;
  readonly envelope: Envelope;
  readonly now: Clock;
}

async function verify(
  { header, body }: OpenedMessage & { readonly body: BoundedBody },
  spfChecked: Promise<SpfEvidence>,
  { resolver, envelope, now }: VerifyDeps,
): Promise<Evidence> {
  const [verified, spfEvidence] = await Promise.all([
    verifySignatures(join(header, body), resolver, now),
    spfChecked,
  ]);
  const { exceeded } = body;
  const dkim =
    exceeded === null
      ? verified.results
      : verified.results.map((result) => refuseSignature(result, exceeded));
  const seals = readSeals(verified.arc?.chain || []);
  const arcResult = await arc(
    { ...verified.arc, chain: verified.arc?.chain || [] },
    { resolver, strict, ip: envelope.remoteIp },
  );
  const { response, dkimAligned = [] } = await evaluateDmarc({
    headerFrom: verified.headerFrom,
    fromFields: verified.fromFields,
    spfDomains: spfEvidence.status.result === "pass" ? [spfEvidence.domain] : [],
    dkimDomains: dkim.flatMap(({ signingDomain, status }) =>
      status.result === "pass" && signingDomain !== undefined
        ? [{ domain: signingDomain, underSized: status.underSized ?? 0 }]
        : [],
    ),
    arcResult,
    resolver,
    strict,
  });
  const sealer = arcResult.status.result === "pass" ? (seals.at(-1)?.domain ?? null) : null;
  const alignedDomains = new Set([...dkimAligned].map((domain) => domainToASCII(domain)));
  return {
    spf: spfEvidence,
    dkim,
    dmarc: response || null,
    arc: { ...arcResult, sealer, seals },
    alignedDomains,
  };
}

/** What the sealers say they saw. Read before mailauth judges the chain, which empties the last set's results. */
function readSeals(chain: readonly unknown[]): ArcSeal[] {
  return chain.map((set) => {
    const parsed = ArcSet.safeParse(set).data;
    const dmarc = parsed?.["arc-authentication-results"].parsed.dmarc;
    return {
      domain: parsed?.["arc-seal"].parsed.d.value.toLowerCase() ?? "",
      dmarcPassFor: dmarc?.value === "pass" ? (dmarc.header?.from?.toLowerCase() ?? null) : null,
    };
  });
}

const DmarcSeen = z.object({
  value: z.string().optional(),
  header: z.object({ from: z.string().optional() }).optional(),
});

const ArcSet = z.object({
  "arc-seal": z.object({ parsed: z.object({ d: z.object({ value: z.string() }) }) }),
  "arc-authentication-results": z.object({
    // What cannot be read vouches for nothing.
    parsed: z.object({ dmarc: DmarcSeen.optional().catch(undefined) }),
  }),
});

async function verifySignatures(message: AsyncIterable<Uint8Array>, resolver: MailauthResolver, now: Clock) {
  const source = Readable.from(message);
  try {
    return await dkimVerify(source, { resolver, strict, curTime: new Date(now()) });
  } finally {
    // Where mailauth fails it leaves its source open.
    source.destroy();
  }
}

async function* join(header: Uint8Array, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (header.length > 0) yield header;
  yield* body;
}

const TextRecord = z.array(z.string());
const MailExchange = z.object({ exchange: z.string(), priority: z.number() });
const Answer = z.union([z.array(z.string()), z.array(TextRecord), z.array(MailExchange)]);

/** DNS answers in the shapes that mailauth reads. Its types leave MX records out, hence the custom schema. */
function createMailauthResolver(resolve: Resolve): MailauthResolver {
  const schema = z.custom<string[] | string[][]>((value) => Answer.safeParse(value).success);
  return async (name, type) => schema.parse(await resolve(name, type));
}
