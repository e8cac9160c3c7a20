/** Limits of this stage alone; those it shares with others are in `mail/limits.ts`. */
export const parseLimits = {
  /** Lines of the header block. */
  headerLinesMax: 4000,
  /** Lines of the whole body: splitting one costs about 0.1 µs, so 40 MB of bare line ends would cost seconds. */
  bodyLinesMax: 1_000_000,
  /** The headers of all MIME parts together, the message's own aside. */
  partHeadersMaxBytes: 1024 * 1024,
  /** A file name, as UTF-8: below the 255 of common file systems, with room for a prefix. */
  filenameMaxBytes: 200,
  /** What is looked at of the attached parts that say what kind of mail it is, together. */
  excerptsMaxBytes: 512 * 1024,
  /** What is read of a calendar: lines that matter, each so long at most. */
  calendarLinesMax: 200,
  calendarLineMaxLength: 2000,
  /** Recipients that are read of one delivery report. */
  bouncedRecipientsMax: 1000,
  /** What one recipient's server said, and its name, in UTF-16 code units. */
  diagnosticMaxLength: 1000,
  mtaNameMaxLength: 255,
  /** Different warnings in one message. */
  warningsMax: 50,
  /** The detail of one warning, in UTF-16 code units. */
  warningDetailMaxLength: 200,
} as const;
