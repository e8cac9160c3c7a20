/** Who may authenticate: passwords are known by their scrypt hashes alone (RFC 7914). */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import type { SmtpSection } from "../mail/smtp-section.ts";
import { type Reply, replies } from "./protocol/reply.ts";

/** `replies.authenticated`, or a refusal. */
export type Authenticate = (user: string, password: string) => Promise<Reply>;

/** A fifth of a second and 32 MB, for whoever guesses too. */
const cost = { log2N: 15, r: 8, p: 3 } as const;
const [saltOctets, keyOctets] = [16, 32];

/** One at a time is computed; beyond these, a client is told to try again. */
const waitingMax = 100;

/** What stands in the config: `scrypt$log2 N$r$p$salt$key`, in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const { log2N, r, p } = cost;
  const salt = randomBytes(saltOctets);
  const key = await derive(password, salt, { N: 2 ** log2N, r, p });
  return ["scrypt", log2N, r, p, salt.toString("base64url"), key.toString("base64url")].join("$");
}

export function createAuthenticate(
  users: () => SmtpSection["users"],
  report: (error: unknown) => void,
): Authenticate {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  const check = async (user: string, password: string): Promise<Reply> => {
    const known = users();
    const name = user.normalize("NFKC");
    const hash = Object.hasOwn(known, name) ? known[name] : undefined;
    // A name that nobody has takes as long as one that somebody has.
    const isRight = await isPassword(password, hash ?? decoy);
    return isRight && hash !== undefined ? replies.authenticated : replies.authFailed;
  };
  return async (user, password) => {
    if (waiting >= waitingMax) return replies.authUnavailable;
    waiting++;
    const asked = last
      .then(() => check(user, password))
      .catch((error: unknown) => {
        report(error);
        return replies.authUnavailable;
      });
    last = asked;
    const reply = await asked;
    waiting--;
    return reply;
  };
}

const decoy = ["scrypt", cost.log2N, cost.r, cost.p, "A".repeat(22), "A".repeat(43)].join("$");

async function isPassword(password: string, hash: string): Promise<boolean> {
  const [, log2N, r, p, salt = "", key = ""] = hash.split("$");
  const options = { N: 2 ** Number(log2N), r: Number(r), p: Number(p) };
  const derived = await derive(password, Buffer.from(salt, "base64url"), options);
  return timingSafeEqual(derived, Buffer.from(key, "base64url"));
}

/** Two ways to write one character are one password (RFC 4954 §4 wants SASLprep, which does this). */
function derive(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(
    password.normalize("NFKC"),
    salt,
    keyOctets,
    { ...options, maxmem: maxMemory(options) },
    (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    },
  );
  return promise;
}

/** RFC 7914 §2: its table and its blocks, with room to spare. */
const maxMemory = ({ N = 0, r = 0, p = 0 }: ScryptOptions) => 2 * 128 * r * (N + p);
