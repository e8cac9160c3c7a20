/**
 * The PROXY protocol, versions 1 and 2, as haproxy specifies it (proxy-protocol.txt): who the client of a balancer is.
 */
import { isIPv4, isIPv6 } from "node:net";
import { crc32c } from "./crc32c.ts";

export type ProxyHeader =
  /** So far all is well, and the end is still to come. */
  | { readonly kind: "partial" }
  | { readonly kind: "malformed" }
  /** `client` is null where the balancer speaks for itself, as in a health check. */
  | { readonly kind: "header"; readonly client: ProxiedClient | null; readonly octets: number };

export interface ProxiedClient {
  readonly remoteIp: string;
  readonly remotePort: number;
}

/** A line of version 1, its CRLF included (§2.1). */
const lineMaxOctets = 107;

const signature = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const fixedOctets = 16;

/** What a header of version 2 may say behind its fixed part: addresses, and the TLVs of a generous balancer. */
export const proxyBodyMaxOctets = 4096;

const partial = { kind: "partial" } as const;
const malformed = { kind: "malformed" } as const;

/** Reads the header at the start of all that came so far, so that it cannot matter how it was cut. */
export function parseProxyHeader(received: Buffer): ProxyHeader {
  const start = received.subarray(0, signature.length);
  if (start.equals(signature.subarray(0, start.length))) return parseBinary(received);
  return parseText(received);
}

function parseText(received: Buffer): ProxyHeader {
  const line = received.subarray(0, lineMaxOctets).toString("latin1");
  const end = line.indexOf("\r\n");
  if (end < 0) {
    const isPossible = line.length < lineMaxOctets && "PROXY ".startsWith(line.slice(0, 6));
    return isPossible ? partial : malformed;
  }
  const octets = end + 2;
  const [proxy, family, source = "", destination = "", ...ports] = line.slice(0, end).split(" ");
  if (proxy !== "PROXY") return malformed;
  // What else an UNKNOWN line says is to be ignored.
  if (family === "UNKNOWN") return { kind: "header", client: null, octets };
  const isIp = families.get(family ?? "");
  if (isIp === undefined || !isIp(source) || !isIp(destination)) return malformed;
  if (ports.length !== 2 || !ports.every(isPort)) return malformed;
  return { kind: "header", client: { remoteIp: source, remotePort: Number(ports[0]) }, octets };
}

const families: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ["TCP4", isIPv4],
  ["TCP6", (text: string) => isIPv6(text) && !text.includes("%")],
]);

const isPort = (text: string) => /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65535;

function parseBinary(received: Buffer): ProxyHeader {
  if (received.length < fixedOctets) return partial;
  const [versionAndCommand, familyAndTransport = 0] = received.subarray(signature.length);
  const isLocal = versionAndCommand === 0x20;
  const addressing = addressings.get(familyAndTransport);
  const bodyOctets = received.readUInt16BE(14);
  if (!isLocal && (versionAndCommand !== 0x21 || addressing === undefined)) return malformed;
  if (bodyOctets > proxyBodyMaxOctets) return malformed;
  const octets = fixedOctets + bodyOctets;
  if (received.length < octets) return partial;
  // A balancer that speaks for itself: all behind is to be let be, the family included (§2.2).
  if (isLocal || addressing === undefined) return { kind: "header", client: null, octets };
  const header = received.subarray(0, octets);
  const tlvsFrom = fixedOctets + addressing.octets;
  if (tlvsFrom > octets || !isWhole(header, tlvsFrom)) return malformed;
  return { kind: "header", client: addressing.read(header.subarray(fixedOctets)), octets };
}

interface Addressing {
  readonly octets: number;
  readonly read: (addresses: Buffer) => ProxiedClient | null;
}

/** Of stream transports; mail comes by no other. A client with no IP address is taken for the balancer itself. */
const addressings: ReadonlyMap<number, Addressing> = new Map<number, Addressing>([
  [0x00, { octets: 0, read: () => null }],
  [
    0x11,
    {
      octets: 12,
      read: (addresses) => ({
        remoteIp: addresses.subarray(0, 4).join("."),
        remotePort: addresses.readUInt16BE(8),
      }),
    },
  ],
  [
    0x21,
    {
      octets: 36,
      read: (addresses) => ({ remoteIp: ipv6Text(addresses), remotePort: addresses.readUInt16BE(32) }),
    },
  ],
  [0x31, { octets: 216, read: () => null }],
]);

/** In the one way that RFC 5952 allows; URL knows it. */
function ipv6Text(addresses: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => addresses.readUInt16BE(2 * index).toString(16));
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

const checksumType = 0x03;
const checksumOctets = 4;

/** Each TLV lies within the header, and the checksum, if there is one, is that of the header without it (§2.2.3). */
function isWhole(header: Buffer, tlvsFrom: number): boolean {
  let at = tlvsFrom;
  while (at < header.length) {
    const valueAt = at + 3;
    if (valueAt > header.length) return false;
    const valueOctets = header.readUInt16BE(at + 1);
    const next = valueAt + valueOctets;
    if (next > header.length) return false;
    if (header[at] === checksumType && !(valueOctets === checksumOctets && isIntact(header, valueAt)))
      return false;
    at = next;
  }
  return true;
}

function isIntact(header: Buffer, checksumAt: number): boolean {
  const blank = Buffer.from(header);
  blank.fill(0, checksumAt, checksumAt + checksumOctets);
  return crc32c(blank) === header.readUInt32BE(checksumAt);
}
