/** For a promise's `catch`: says what was being done; the cause says why it failed. */
export const failed = (what: string) => (cause: unknown) => {
  throw new Error(what, { cause });
};
