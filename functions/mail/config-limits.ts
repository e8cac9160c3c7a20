/** The bounds of a config file: each keeps the cost of one RCPT bounded, and a slip of the pen from passing for a rule. */
export const configLimits = {
  routesMax: 1000,
  endpointsMax: 100,
  /** An address is at most 64 + 1 + 255 octets (RFC 5321 §4.5.3.1). */
  patternMaxLength: 320,
  /** Values of one condition, of which any may match. */
  valuesMax: 100,
  /** Header fields that one `header` condition names. */
  headerNamesMax: 20,
  /** Why a mail was dropped or quarantined. */
  reasonMaxLength: 200,
  /** A reply line is at most 512 octets with its codes (RFC 5321 §4.5.3.1.5). */
  rejectTextMaxLength: 400,
  urlMaxLength: 2048,
  /** RFC 5321 §4.5.3.1.7 asks for at least 64 K octets. */
  messageMaxSizeBytesLowest: 64 * 1024,
  messageMaxSizeBytesHighest: 150 * 1024 * 1024,
  /** RFC 5321 §4.5.3.1.8. */
  recipientsMaxLowest: 100,
  recipientsMaxHighest: 1000,
  /** RFC 5321 §6.3 asks for at least 100. */
  hopsMaxLowest: 100,
  hopsMaxHighest: 1000,
} as const;
