import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { crc32c } from "../../functions/smtp/crc32c.ts";
import { parseProxyHeader, proxyBodyMaxOctets } from "../../functions/smtp/proxy-header.ts";
import { binaryHeader, ipv4Addresses, ipv6Addresses, tlv, withChecksum } from "../support/proxy-header.ts";

const client4 = { remoteIp: "192.0.2.1", remotePort: 56324 };
const client6 = { remoteIp: "2001:db8::1", remotePort: 4660 };

const text = (line: string) => Buffer.from(line, "latin1");

const good = [
  ["version 1 names an IPv4 client", text("PROXY TCP4 192.0.2.1 198.51.100.1 56324 25\r\n"), client4],
  ["version 1 names an IPv6 client", text("PROXY TCP6 2001:db8::1 ::1 4660 25\r\n"), client6],
  ["version 1 may know nobody", text("PROXY UNKNOWN\r\n"), null],
  [
    "the longest line of version 1 is 107 octets",
    text(`PROXY UNKNOWN ${"f".repeat(107 - "PROXY UNKNOWN \r\n".length)}\r\n`),
    null,
  ],
  ["version 2 names an IPv4 client", binaryHeader({ body: ipv4Addresses }), client4],
  ["version 2 names an IPv6 client", binaryHeader({ family: 0x21, body: ipv6Addresses }), client6],
  [
    "an IPv4-mapped client is written as URL writes it",
    binaryHeader({
      family: 0x21,
      body: Buffer.concat([Buffer.from("00000000000000000000ffffc0000201", "hex"), Buffer.alloc(20)]),
    }),
    { remoteIp: "::ffff:c000:201", remotePort: 0 },
  ],
  ["version 2 may know nobody", binaryHeader({ family: 0x00 }), null],
  ["a client on a UNIX socket has no address", binaryHeader({ family: 0x31, body: Buffer.alloc(216) }), null],
  ["LOCAL is the balancer itself", binaryHeader({ command: 0x20, family: 0x00 }), null],
  [
    "what stands behind LOCAL is let be",
    binaryHeader({ command: 0x20, family: 0xff, body: tlv(0x03, "x") }),
    null,
  ],
  [
    "TLVs are passed over",
    binaryHeader({
      body: Buffer.concat([ipv4Addresses, tlv(0x04, ""), tlv(0xea, "vpce-1"), tlv(0x02, "x")]),
    }),
    client4,
  ],
  [
    "the longest header is taken",
    binaryHeader({
      body: Buffer.concat([ipv4Addresses, tlv(0x04, "x".repeat(proxyBodyMaxOctets - 12 - 3))]),
    }),
    client4,
  ],
  ["a checksum that is right is taken", withChecksum({ body: ipv4Addresses }), client4],
] as const;

for (const [sentence, header, client] of good) {
  test(sentence, () => {
    const expected = { kind: "header", client, octets: header.length };
    assert.deepEqual(parseProxyHeader(header), expected);
    assert.deepEqual(parseProxyHeader(Buffer.concat([header, text("EHLO x\r\n")])), expected);
    for (let cut = 0; cut < header.length; cut++) {
      assert.deepEqual(parseProxyHeader(header.subarray(0, cut)), { kind: "partial" }, `cut at ${cut}`);
    }
  });
}

const bad = [
  ["a client that speaks SMTP has no header", text("EHLO client.test\r\n")],
  ["the first wrong octet is enough", text("PROXX")],
  ["a TLS handshake is no header", Buffer.from([0x16, 3, 1, 2, 0])],
  ["a line of 108 octets is too long", text(`PROXY UNKNOWN ${"f".repeat(108)}`)],
  ["so is one that ends there", text(`PROXY UNKNOWN ${"f".repeat(108 - "PROXY UNKNOWN \r\n".length)}\r\n`)],
  ["a bare LF ends no line", text(`PROXY TCP4 192.0.2.1 198.51.100.1 1 25\n${" ".repeat(80)}`)],
  ["lower case is another word", text("proxy UNKNOWN\r\n")],
  ["UDP is no mail", text("PROXY UDP4 192.0.2.1 198.51.100.1 1 25\r\n")],
  ["a family and an address of the other", text("PROXY TCP4 2001:db8::1 ::1 1 25\r\n")],
  ["the other way round", text("PROXY TCP6 192.0.2.1 198.51.100.1 1 25\r\n")],
  ["an octet with a leading zero", text("PROXY TCP4 192.0.02.1 198.51.100.1 1 25\r\n")],
  ["an address with a zone", text("PROXY TCP6 fe80::1%eth0 ::1 1 25\r\n")],
  ["a destination that is none", text("PROXY TCP4 192.0.2.1 mx 1 25\r\n")],
  ["a port too high", text("PROXY TCP4 192.0.2.1 198.51.100.1 65536 25\r\n")],
  ["a port with a leading zero", text("PROXY TCP4 192.0.2.1 198.51.100.1 01 25\r\n")],
  ["a port that is missing", text("PROXY TCP4 192.0.2.1 198.51.100.1 1\r\n")],
  ["a word too many", text("PROXY TCP4 192.0.2.1 198.51.100.1 1 25 x\r\n")],
  ["two spaces", text("PROXY  TCP4 192.0.2.1 198.51.100.1 1 25\r\n")],
  ["version 1 in version 2's clothes", binaryHeader({ command: 0x11, body: ipv4Addresses })],
  ["an unknown command", binaryHeader({ command: 0x22, body: ipv4Addresses })],
  ["a datagram", binaryHeader({ family: 0x12, body: ipv4Addresses })],
  ["an unknown family", binaryHeader({ family: 0x41, body: ipv4Addresses })],
  ["addresses that are cut off", binaryHeader({ body: ipv4Addresses.subarray(0, 11) })],
  ["a header past the limit", binaryHeader({ body: Buffer.alloc(proxyBodyMaxOctets + 1) }).subarray(0, 16)],
  [
    "a TLV that ends within its length",
    binaryHeader({ body: Buffer.concat([ipv4Addresses, text("\x04\0")]) }),
  ],
  [
    "a TLV longer than the header",
    binaryHeader({ body: Buffer.concat([ipv4Addresses, text("\x04\0\x01")]) }),
  ],
  [
    "a checksum that is wrong",
    binaryHeader({ body: Buffer.concat([ipv4Addresses, tlv(0x03, "\x01\x02\x03\x04")]) }),
  ],
  ["a checksum of another length", binaryHeader({ body: Buffer.concat([ipv4Addresses, tlv(0x03, "\0")]) })],
] as const;

for (const [sentence, header] of bad) {
  test(`refused: ${sentence}`, () => assert.deepEqual(parseProxyHeader(header), { kind: "malformed" }));
}

test("what is once refused or whole stays so, whatever follows", () => {
  const starts = fc.constantFrom(...good.map(([, header]) => header), ...bad.map(([, header]) => header));
  fc.assert(
    fc.property(starts, fc.nat(200), fc.uint8Array({ maxLength: 40 }), (header, cut, noise) => {
      const whole = Buffer.concat([header.subarray(0, cut), noise]);
      const final = parseProxyHeader(whole);
      for (let length = 0; length < whole.length; length++) {
        const early = parseProxyHeader(whole.subarray(0, length));
        if (early.kind !== "partial") assert.deepEqual(early, final);
      }
    }),
  );
});

test("a flipped bit of addresses and TLVs does not pass a checksum", () => {
  const header = withChecksum({ body: Buffer.concat([ipv4Addresses, tlv(0x04, "padding")]) });
  const [bodyAt, checksumTlvAt] = [16, header.length - 7];
  for (let bit = bodyAt * 8; bit < checksumTlvAt * 8; bit++) {
    const flipped = Buffer.from(header);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    assert.notEqual(parseProxyHeader(flipped).kind, "header", `bit ${bit}`);
  }
});

/** RFC 3720 appendix B.4. */
const checksums = [
  ["32 octets of zeros", Buffer.alloc(32), 0x8a9136aa],
  ["32 octets of ones", Buffer.alloc(32, 0xff), 0x62a8ab43],
  ["octets that count up", Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  ["nothing", Buffer.alloc(0), 0],
] as const;

for (const [sentence, octets, expected] of checksums) {
  test(`CRC-32C of ${sentence}`, () => assert.equal(crc32c(octets), expected));
}
