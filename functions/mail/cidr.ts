/** IP addresses and networks of both families; an IPv4-mapped IPv6 address is the IPv4 address it holds (RFC 4291 §2.5.5.2). */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

export interface Cidr extends IpAddress {
  readonly prefixLength: number;
}

/** Null for what is no address. A zone (`fe80::1%eth0`) is left out. */
export function parseIp(text: string): IpAddress | null {
  if (!text.includes(":")) return parseIpv4(text);
  const [address = "", zone, ...rest] = text.split("%");
  if (zone === "" || rest.length > 0) return null;
  const bits = parseIpv6(address);
  if (bits === null) return null;
  return bits >> 32n === ipv4MappedPrefix ? { family: 4, bits: bits & 0xffff_ffffn } : { family: 6, bits };
}

/** Reads `10.0.0.0/8`, or one address. Null for what is no network; bits behind the prefix must be zero. */
export function parseCidr(text: string): Cidr | null {
  const [address = "", length, ...rest] = text.split("/");
  const ip = address.includes("%") ? null : parseIp(address);
  if (ip === null || rest.length > 0) return null;
  const lengthMax = widths[ip.family];
  if (length === undefined) return { ...ip, prefixLength: lengthMax };
  if (!decimal.test(length)) return null;
  const prefixLength = Number(length) - (ip.family === 4 && address.includes(":") ? 96 : 0);
  if (prefixLength < 0 || prefixLength > lengthMax) return null;
  const hostBits = (1n << BigInt(lengthMax - prefixLength)) - 1n;
  return (ip.bits & hostBits) === 0n ? { ...ip, prefixLength } : null;
}

/** True when the address is of that network. */
export function contains({ family, bits, prefixLength }: Cidr, ip: IpAddress): boolean {
  const shift = BigInt(widths[family] - prefixLength);
  return family === ip.family && bits >> shift === ip.bits >> shift;
}

/** {@link contains} for both as text; false for what is no network or no address. */
export function isOfNetwork(network: string, address: string): boolean {
  const [cidr, ip] = [parseCidr(network), parseIp(address)];
  return cidr !== null && ip !== null && contains(cidr, ip);
}

export const isOfSomeNetwork = (networks: readonly string[], address: string) =>
  networks.some((network) => isOfNetwork(network, address));

const widths = { 4: 32, 6: 128 } as const;

const ipv4MappedPrefix = 0xffffn;

/** No leading zeros: some readers take them for octal. */
const decimal = /^(?:0|[1-9][0-9]{0,2})$/;

function parseIpv4(text: string): IpAddress | null {
  const octets = text.split(".");
  if (octets.length !== 4 || !octets.every((octet) => decimal.test(octet) && Number(octet) <= 255))
    return null;
  return { family: 4, bits: octets.reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n) };
}

function parseIpv6(text: string): bigint | null {
  const [head = "", tail, ...rest] = text.split("::");
  if (rest.length > 0) return null;
  const before = readGroups(head, tail === undefined);
  const after = tail === undefined ? [] : readGroups(tail, true);
  if (before === null || after === null) return null;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...before, ...Array.from({ length: missing }, () => 0n), ...after];
  return groups.reduce((bits, group) => (bits << 16n) | group, 0n);
}

const hexGroup = /^[0-9a-f]{1,4}$/i;

/** The 16-bit groups between colons; the last two may be written as an IPv4 address where they end the whole. */
function readGroups(text: string, isEnd: boolean): bigint[] | null {
  if (text === "") return [];
  const groups: bigint[] = [];
  const words = text.split(":");
  for (const [index, word] of words.entries()) {
    const ipv4 = isEnd && index === words.length - 1 && word.includes(".") ? parseIpv4(word) : null;
    if (ipv4 !== null) groups.push(ipv4.bits >> 16n, ipv4.bits & 0xffffn);
    else if (hexGroup.test(word)) groups.push(BigInt(`0x${word}`));
    else return null;
  }
  return groups;
}
