import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isPublicAddress } from "../../functions/deliver/public-address.ts";

const publicOnes = [
  "1.1.1.1",
  "9.255.255.255",
  "11.0.0.0",
  "100.63.255.255",
  "100.128.0.0",
  "126.255.255.255",
  "128.0.0.0",
  "169.253.255.255",
  "169.255.0.0",
  "172.15.255.255",
  "172.32.0.0",
  "192.0.1.0",
  "192.167.255.255",
  "192.169.0.0",
  "198.17.255.255",
  "198.20.0.0",
  "223.255.255.255",
  "2000::1",
  "2001:200::1",
  "2606:4700:4700::1111",
  "3ffe:ffff::1",
  "::ffff:1.1.1.1",
  "64:ff9b::1.1.1.1",
  "64:ff9b::101:101",
];

const others = [
  ["0.0.0.0", "this host"],
  ["0.1.2.3", "this network"],
  ["10.0.0.0", "private"],
  ["10.255.255.255", "private"],
  ["100.64.0.0", "shared"],
  ["100.127.255.255", "shared"],
  ["127.0.0.1", "loopback"],
  ["127.255.255.255", "loopback"],
  ["169.254.0.0", "link-local"],
  ["169.254.169.254", "metadata"],
  ["169.254.170.2", "task metadata"],
  ["172.16.0.0", "private"],
  ["172.31.255.255", "private"],
  ["192.0.0.170", "protocol assignments"],
  ["192.0.2.1", "documentation"],
  ["192.88.99.1", "6to4 relay"],
  ["192.168.0.0", "private"],
  ["192.168.255.255", "private"],
  ["198.18.0.0", "benchmarks"],
  ["198.19.255.255", "benchmarks"],
  ["198.51.100.1", "documentation"],
  ["203.0.113.1", "documentation"],
  ["224.0.0.1", "multicast"],
  ["239.255.255.255", "multicast"],
  ["240.0.0.1", "reserved"],
  ["255.255.255.255", "broadcast"],
  ["::", "unspecified"],
  ["::1", "loopback"],
  ["::127.0.0.1", "IPv4-compatible"],
  ["::ffff:127.0.0.1", "mapped loopback"],
  ["::ffff:7f00:1", "mapped loopback, in hex"],
  ["0:0:0:0:0:ffff:a9fe:a9fe", "mapped metadata, in full"],
  ["::ffff:10.1.2.3", "mapped private"],
  ["::ffff:0:127.0.0.1", "translated IPv4"],
  ["64:ff9b::127.0.0.1", "NAT64 of loopback"],
  ["64:ff9b::a9fe:a9fe", "NAT64 of metadata"],
  ["64:ff9b::192.168.1.1", "NAT64 of private"],
  ["64:ff9b:1::1.1.1.1", "NAT64 for local use"],
  ["100::1", "discard"],
  ["2001::1", "Teredo"],
  ["2001:1ff:ffff::1", "protocol assignments"],
  ["2001:db8::1", "documentation"],
  ["2002:7f00:1::1", "6to4 of loopback"],
  ["2002:101:101::1", "6to4"],
  ["3fff::1", "documentation"],
  ["4000::1", "not given out"],
  ["5f00::1", "segment routing"],
  ["fc00::1", "unique local"],
  ["fd00:ec2::254", "metadata"],
  ["fe80::1", "link-local"],
  ["fe80::1%eth0", "link-local with its zone"],
  ["2606:4700::1%eth0", "an address with a zone"],
  ["fec0::1", "site-local"],
  ["ff02::1", "multicast"],
  ["", "nothing"],
  ["localhost", "a name"],
  ["2130706433", "a number"],
  ["0177.0.0.1", "octal"],
  ["127.1", "a short form"],
  ["1.1.1.1 ", "an address and a space"],
] as const;

for (const address of publicOnes)
  test(`${address} is public`, () => assert.equal(isPublicAddress(address), true));

for (const [address, what] of others)
  test(`${address} (${what}) is not public`, () => assert.equal(isPublicAddress(address), false));

test("an IPv4 address is judged alike however it is embedded", () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const expected = isPublicAddress(address);
      assert.equal(isPublicAddress(`::ffff:${address}`), expected);
      assert.equal(isPublicAddress(`64:ff9b::${address}`), expected);
    }),
  );
});
