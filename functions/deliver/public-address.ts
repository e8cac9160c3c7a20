import { BlockList, isIP } from "node:net";

/**
 * Ranges that are not the public internet (IANA special-purpose registries): private, loopback, link-local with the
 * cloud's metadata, shared (CGNAT), documentation, benchmarks, multicast, reserved.
 */
const specialIpv4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
] as const;

/** Within 2000::/3: protocol assignments with Teredo, documentation, and 6to4, which hides an IPv4 address (RFC 7526). */
const specialIpv6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"] as const;

/** IPv4 in IPv6: mapped, and NAT64's own prefix (RFC 6052), which DNS64 makes public addresses with. */
const embedding = ["::ffff:", "64:ff9b::"] as const;

const open = createList(["2000::/3", ...embedding.map((prefix) => `${prefix}0.0.0.0/96`)]);
const closed = createList([
  ...specialIpv4,
  ...specialIpv6,
  ...specialIpv4.flatMap((range) => embedding.map((prefix) => embed(prefix, range))),
]);

/** True for an address that only the public internet can have; false for all else, also what is no address. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !closed.check(address, "ipv4");
    case 6:
      return !address.includes("%") && open.check(address, "ipv6") && !closed.check(address, "ipv6");
    default:
      return false;
  }
}

function createList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    list.addSubnet(address, Number(bits), address.includes(":") ? "ipv6" : "ipv4");
  }
  return list;
}

function embed(prefix: string, range: string): string {
  const [address, bits] = range.split("/");
  return `${prefix}${address}/${96 + Number(bits)}`;
}
