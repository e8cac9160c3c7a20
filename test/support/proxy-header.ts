import { crc32c } from "../../functions/smtp/crc32c.ts";

/** 192.0.2.1:56324 to 198.51.100.1:25. */
export const ipv4Addresses = Buffer.from("c0000201c6336401dc040019", "hex");

/** [2001:db8::1]:4660 to [::1]:25. */
export const ipv6Addresses = Buffer.from(
  "20010db8000000000000000000000001000000000000000000000000000000011234 0019".replaceAll(" ", ""),
  "hex",
);

interface BinaryHeader {
  readonly command?: number;
  readonly family?: number;
  readonly body?: Buffer;
}

/** A header of the PROXY protocol's version 2. */
export function binaryHeader({ command = 0x21, family = 0x11, body = Buffer.alloc(0) }: BinaryHeader) {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  const signature = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
  return Buffer.concat([signature, Buffer.of(command, family), length, body]);
}

export function tlv(type: number, value: string): Buffer {
  const head = Buffer.alloc(3);
  head.writeUInt8(type);
  head.writeUInt16BE(value.length, 1);
  return Buffer.concat([head, Buffer.from(value, "latin1")]);
}

/** With a checksum for its last TLV. */
export function withChecksum({ body = Buffer.alloc(0), ...rest }: BinaryHeader): Buffer {
  const header = binaryHeader({ ...rest, body: Buffer.concat([body, tlv(0x03, "\0\0\0\0")]) });
  header.writeUInt32BE(crc32c(header), header.length - 4);
  return header;
}
