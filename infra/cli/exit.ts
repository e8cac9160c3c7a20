/** What the command ends with; `mailchute --help` says so too. */
export const exitCodes = {
  done: 0,
  /** Refused, not found, or not right: the answer is no. */
  no: 1,
  usage: 2,
  unreachable: 3,
} as const;

/** Ends the command with one sentence for the person at the terminal. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
