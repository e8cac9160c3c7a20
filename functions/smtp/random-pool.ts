import type { RandomBytes } from "../mail/id.ts";

const poolBytes = 4096;

/** Draws many at once: asking the system for 16 bytes takes longer than all else that an id needs. */
export function poolRandom(randomBytes: RandomBytes): RandomBytes {
  let pool = new Uint8Array(0);
  let used = 0;
  return (size) => {
    if (used + size > pool.length) {
      pool = Uint8Array.from(randomBytes(Math.max(size, poolBytes)));
      used = 0;
    }
    const drawn = pool.slice(used, used + size);
    pool.fill(0, used, used + size);
    used += size;
    return drawn;
  };
}
