import assert from "node:assert/strict";
import { BlockList, isIP } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { isOfNetwork, parseCidr, parseIp } from "../../functions/mail/cidr.ts";

const memberships: readonly (readonly [string, string, string, boolean])[] = [
  ["the first address is inside", "192.0.2.0/24", "192.0.2.0", true],
  ["the last is inside", "192.0.2.0/24", "192.0.2.255", true],
  ["the one before is not", "192.0.2.0/24", "192.0.1.255", false],
  ["the one after is not", "192.0.2.0/24", "192.0.3.0", false],
  ["an address is a network of one", "192.0.2.1", "192.0.2.1", true],
  ["/0 is all of its family", "0.0.0.0/0", "255.255.255.255", true],
  ["and none of the other", "0.0.0.0/0", "2001:db8::1", false],
  ["IPv6 as well", "2001:db8::/32", "2001:DB8:ffff::1", true],
  ["an IPv4-mapped address is IPv4", "192.0.2.0/24", "::ffff:192.0.2.9", true],
  ["in hex, too", "192.0.2.0/24", "::ffff:c000:209", true],
  ["an IPv4-mapped network is IPv4", "::ffff:192.0.2.0/120", "192.0.2.9", true],
  ["a zone is not part of the address", "fe80::/10", "fe80::1%eth0", true],
];

for (const [sentence, network, address, expected] of memberships) {
  test(`${sentence}: ${address} in ${network}`, () => assert.equal(isOfNetwork(network, address), expected));
}

const refused = [
  ["bits behind the prefix are a slip", "192.0.2.1/24"],
  ["likewise in IPv6", "2001:db8::1/32"],
  ["IPv4 has 32 bits", "192.0.2.0/33"],
  ["IPv6 has 128", "::/129"],
  ["a mapped network is in IPv4", "::ffff:0:0/95"],
  ["a prefix is decimal", "192.0.2.0/2x"],
  ["without leading zeros", "192.0.2.0/024"],
  ["and there", "192.0.2.0/"],
  ["once", "192.0.2.0/24/24"],
  ["an octet has no leading zero", "192.0.02.0"],
  ["an octet is at most 255", "192.0.2.256"],
  ["IPv4 has four octets", "192.0.2"],
  ["a name is no address", "example.com"],
  ["nor is nothing", ""],
  ["nor two gaps", "1::2::3"],
  ["nor nine groups", "1:2:3:4:5:6:7:8:9"],
  ["nor a gap of nothing", "1:2:3:4:5:6:7:8::"],
  ["nor five digits", "12345::"],
  ["nor an IPv4 in the middle", "1.2.3.4::1"],
  ["a network has no zone", "fe80::1%eth0"],
] as const;

for (const [sentence, text] of refused) {
  test(`${sentence}: "${text}"`, () => assert.equal(parseCidr(text), null));
}

test("it reads as an address what Node reads as one", () => {
  const piece = fc.constantFrom(
    "0",
    "1",
    "ff",
    "255",
    "256",
    "01",
    "ffff",
    "10000",
    ".",
    ":",
    "::",
    "%x",
    "g",
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")),
    fc.ipV4(),
    fc.ipV6(),
  );
  fc.assert(
    fc.property(text, (address) => {
      const isMapped = parseIp(address)?.family === 4 && address.includes(":");
      assert.equal(parseIp(address)?.family ?? 0, isMapped ? 4 : isIP(address), address);
    }),
    { numRuns: 3000 },
  );
});

test("it finds inside what Node's BlockList finds inside", () => {
  const address = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 255 })).map(([c, d]) => `192.0.${c}.${d}`);
  const length = fc.integer({ min: 0, max: 32 });
  fc.assert(
    fc.property(address, address, length, (base, other, prefixLength) => {
      const hostBits = 2 ** (32 - prefixLength);
      const bits = Number(parseIp(base)?.bits ?? 0n);
      const network = Math.floor(bits / hostBits) * hostBits;
      const dotted = [24, 16, 8, 0].map((shift) => Math.floor(network / 2 ** shift) % 256).join(".");
      const list = new BlockList();
      list.addSubnet(dotted, prefixLength, "ipv4");
      assert.equal(isOfNetwork(`${dotted}/${prefixLength}`, other), list.check(other, "ipv4"));
    }),
  );
});
