import assert from "node:assert/strict";
import type { Authentication, Envelope } from "../../functions/mail/messages.ts";
import { authenticate } from "../../functions/validate/authenticate.ts";
import { judgeAuthentication } from "../../functions/validate/verdict.ts";
import { chunksOf, envelope, hostname } from "./mail.ts";
import { createZone, keyRecord } from "./zone.ts";

export type Records = Parameters<typeof createZone>[0];

export const key = { "s1._domainkey.sender.example TXT": keyRecord };
export const policy = { "_dmarc.sender.example TXT": [["v=DMARC1; p=reject"]] };
export const authorised = { "sender.example TXT": [["v=spf1 ip4:192.0.2.1 -all"]] };

/** The verdict on a mail, with DNS from a table. */
export async function judge(
  mail: string,
  records: Records,
  changes: Partial<Envelope> = {},
): Promise<Authentication> {
  const deps = { resolve: createZone(records), hostname, now: Date.now };
  const { evidence, obstacle } = await authenticate(chunksOf(mail), { ...envelope, ...changes }, deps);
  assert.equal(obstacle, null);
  return judgeAuthentication(evidence, { hostname, trustedArcSealers: ["list.example", "relay.example"] });
}
