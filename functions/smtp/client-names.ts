/** What DNS says of a client before it is greeted. DNS that fails, or is late, says nothing and costs no mail. */
import { domainName } from "../mail/address-pattern.ts";
import { type IpAddress, parseIp } from "../mail/cidr.ts";
import type { Resolve } from "../mail/ports.ts";
import type { SmtpSection } from "../mail/smtp-section.ts";
import type { Client } from "./protocol/session.ts";
import type { Timers } from "./timers.ts";

export type ClientNames = Pick<Client, "remoteName" | "blockLists">;

export const noNames: ClientNames = { remoteName: null, blockLists: [] };

export interface LookUpDeps {
  readonly resolve: Resolve;
  readonly timers: Timers;
}

/** Of the names that an address has, so many are tried: whoever owns it may give it thousands. */
const namesMax = 3;

export async function lookUp(
  remoteIp: string,
  { reverseName, blockLists, timeoutMs }: SmtpSection["dns"],
  { resolve, timers }: LookUpDeps,
): Promise<ClientNames> {
  const late = Promise.withResolvers<undefined>();
  const cancel = timers.after(timeoutMs, () => late.resolve(undefined));
  const inTime = <Found>(found: Promise<Found>) => Promise.race([found, late.promise]);
  const [remoteName, ...listed] = await Promise.all([
    reverseName ? inTime(findName(remoteIp, resolve)) : null,
    ...blockLists.map((zone) => inTime(isListed(remoteIp, zone, resolve))),
  ]);
  cancel();
  return { remoteName: remoteName ?? null, blockLists: blockLists.filter((_, index) => listed[index]) };
}

/** The name that an address has and that leads back to it; null where DNS knows none, or fails. */
async function findName(remoteIp: string, resolve: Resolve): Promise<string | null> {
  const address = parseIp(remoteIp);
  if (address === null) return null;
  const [zone, type] = address.family === 4 ? ["in-addr.arpa", "A"] : ["ip6.arpa", "AAAA"];
  const names = await ask(resolve, `${reversed(address)}.${zone}`, "PTR");
  for (const name of names.filter((text) => domainName.test(text)).slice(0, namesMax)) {
    const addresses = await ask(resolve, name, type);
    if (addresses.some((text) => parseIp(text)?.bits === address.bits)) return name;
  }
  return null;
}

/**
 * RFC 5782: an answer within 127.0.0.0/8 is a listing. 127.0.0.1 is none (§5): it comes of resolvers that answer
 * everything; and 127.255.255.0/24 says that the list does not answer this resolver.
 */
async function isListed(remoteIp: string, zone: string, resolve: Resolve): Promise<boolean> {
  const address = parseIp(remoteIp);
  if (address === null) return false;
  const answers = await ask(resolve, `${reversed(address)}.${zone}`, "A");
  return answers.some((answer) => /^127\.(?!0\.0\.1$|255\.255\.)/.test(answer));
}

/** DNS that fails says as much as DNS that has no answer. */
async function ask(resolve: Resolve, name: string, type: string): Promise<readonly string[]> {
  const answers: unknown[] = await resolve(name, type).catch(() => []);
  return answers.filter((answer) => typeof answer === "string");
}

/** As DNS asks: octets, or for IPv6 hexadecimal digits, the last one first (RFC 1035 §3.5, RFC 3596 §2.5). */
function reversed({ family, bits }: IpAddress): string {
  if (family === 6) return [...bits.toString(16).padStart(32, "0")].reverse().join(".");
  return [0n, 8n, 16n, 24n].map((shift) => (bits >> shift) & 0xffn).join(".");
}
