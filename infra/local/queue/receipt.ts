export interface Receipt {
  readonly queue: string;
  readonly id: number;
  /** As it was when the message was received: a receipt is spent when the message is received again. */
  readonly receiveCount: number;
}

export const toReceiptHandle = ({ id, receiveCount }: Omit<Receipt, "queue">) => `${id}-${receiveCount}`;

/** Null for what no receive gave. */
export function readReceipt(queue: string, handle: string): Receipt | null {
  const [, id, receiveCount] = /^(\d{1,15})-(\d{1,15})$/.exec(handle) ?? [];
  return id === undefined ? null : { queue, id: Number(id), receiveCount: Number(receiveCount) };
}
