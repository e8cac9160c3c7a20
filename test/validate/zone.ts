import { generateKeyPairSync } from "node:crypto";
import type { Resolve } from "../../functions/mail/ports.ts";

export const dnsError = (code: string) => Object.assign(new Error(`DNS ${code}`), { code });

/** DNS in a table: `"name TYPE"` to its records, or to the code it fails with. What is not in it does not exist. */
export function createZone(records: Readonly<Record<string, unknown[] | string>>): Resolve {
  return async (name, type) => {
    const answer = records[`${name} ${type}`] ?? "ENOTFOUND";
    if (typeof answer === "string") throw dnsError(answer);
    return answer;
  };
}

/** Counts questions, and fails those that `codeOf` gives a code for. */
export function withFaults(resolve: Resolve, codeOf: (count: number) => string | null) {
  const questions: string[] = [];
  const faulty: Resolve = async (name, type) => {
    const code = codeOf(questions.push(`${name} ${type}`));
    if (code !== null) throw dnsError(code);
    return resolve(name, type);
  };
  return { resolve: faulty, questions };
}

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

export const signingKey = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

/** The TXT record of {@link signingKey}. */
export const keyRecord = [
  [`v=DKIM1; k=rsa; p=${publicKey.export({ type: "spki", format: "der" }).toString("base64")}`],
];
