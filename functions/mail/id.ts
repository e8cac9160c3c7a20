/** Ids of messages: UUIDv7 (RFC 9562 §5.7), so that they sort by time. */
export type RandomBytes = (size: number) => Uint8Array;

/** Makes a UUIDv7 of the given time in milliseconds since 1970. */
export function createId(nowMs: number, randomBytes: RandomBytes): string {
  const bytes = Buffer.from(randomBytes(16));
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** When an id was made: its first 48 bits are the milliseconds since 1970 (RFC 9562 §5.7). Not a number for what is no id. */
export const createdAtMs = (id: string) => Number.parseInt(id.replace("-", "").slice(0, 12), 16);
