import * as z from "zod";

export const DsnRecipient = z.object({
  /** As in RCPT TO. */
  recipient: z.string(),
  /** Empty where RCPT did not say. */
  notify: z.array(z.enum(["NEVER", "SUCCESS", "FAILURE", "DELAY"])),
  /** The recipient as the sender first wrote it. */
  orcpt: z.object({ type: z.string(), address: z.string() }).nullable(),
});
export type DsnRecipient = z.infer<typeof DsnRecipient>;

/** What the sender asks to be told about delivery (RFC 3461). */
export const Dsn = z.object({
  ret: z.enum(["FULL", "HDRS"]).nullable(),
  envid: z.string().nullable(),
  /** Those for which something is asked. */
  recipients: z.array(DsnRecipient),
});
export type Dsn = z.infer<typeof Dsn>;
