import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Holder, MemoryBudget } from "../../functions/smtp/memory-budget.ts";

const createHolder = () => {
  const holder = { proceeded: 0, proceed: () => void holder.proceeded++ };
  return holder;
};

test("below the limit all go on; at it all wait but the oldest", () => {
  const budget = new MemoryBudget(100);
  const [oldest, other] = [createHolder(), createHolder()];
  assert.equal(budget.take(oldest, 50), true);
  assert.equal(budget.take(other, 49), true);
  assert.equal(budget.isFull, false);
  assert.equal(budget.take(other, 1), false);
  assert.equal(budget.isFull, true);
  assert.equal(budget.take(oldest, 10), true);
});

test("what is released lets those who wait go on", () => {
  const budget = new MemoryBudget(100);
  const [first, second, third] = [createHolder(), createHolder(), createHolder()];
  budget.take(first, 60);
  budget.take(second, 30);
  budget.take(third, 10);
  assert.equal(budget.take(second, 1), false);
  budget.release(first);
  assert.deepEqual([second.proceeded, third.proceeded], [1, 1]);
  assert.equal(budget.usedBytes, 41);
});

test("the next oldest goes on even where that makes no room", () => {
  const budget = new MemoryBudget(100);
  const [first, second, third] = [createHolder(), createHolder(), createHolder()];
  budget.take(first, 1);
  budget.take(second, 100);
  budget.take(third, 100);
  budget.release(first);
  assert.deepEqual([second.proceeded, third.proceeded], [1, 0]);
});

test("a release twice is a release once", () => {
  const budget = new MemoryBudget(100);
  const holder = createHolder();
  budget.take(holder, 60);
  budget.release(holder);
  budget.release(holder);
  assert.equal(budget.usedBytes, 0);
});

test("messages of any size are all finished, however many come at once", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 100 }), (messages, maxBytes) => {
      const budget = new MemoryBudget(maxBytes);
      const holders = messages.map((size) => createMessage(size, budget));
      for (let round = 0; holders.some(({ left }) => left > 0); round++) {
        assert.ok(round <= 40 * messages.length, "no message goes on");
        for (const holder of holders) holder.read();
        // One octet each may come after the limit was met.
        assert.ok(budget.usedBytes <= maxBytes + messages.length + 40);
      }
      assert.equal(budget.usedBytes, 0);
    }),
  );
});

interface Message extends Holder {
  readonly left: number;
  read(): void;
}

/** Takes an octet a round unless it must wait, and is stored when it has them all. */
function createMessage(size: number, budget: MemoryBudget): Message {
  let isWaiting = false;
  const message = {
    left: size,
    proceed: () => {
      isWaiting = false;
    },
    read: () => {
      if (isWaiting || message.left === 0) return;
      isWaiting = !budget.take(message, 1);
      message.left--;
      if (message.left === 0) budget.release(message);
    },
  };
  return message;
}
