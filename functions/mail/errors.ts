/**
 * Thrown where trying again cannot help: the message goes to the dead-letter queue at once, with the reason.
 * Every other throw means "again".
 */
export class PermanentError extends Error {
  override readonly name = "PermanentError";
}

/** What went wrong in one line, causes included; for logs and dead letters, so it never carries a stack. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `: ${describeError(error.cause)}`;
  return `${error.message || error.name}${cause}`;
}
