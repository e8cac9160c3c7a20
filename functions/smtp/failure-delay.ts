const delayMaxSeconds = 10;

/** How long a client waits for the answer to the failure that is its `failures`-th in a row: twice as long each time. */
export const judgeDelaySeconds = (failures: number, undelayedMax: number): number =>
  failures <= undelayedMax ? 0 : Math.min(2 ** (failures - undelayedMax - 1), delayMaxSeconds);
