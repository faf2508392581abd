import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Deque } from '../../src/local/engine/deque.js';

const operation = fc.oneof(
  fc.record({ kind: fc.constant('pushFront' as const), value: fc.integer() }),
  fc.record({ kind: fc.constant('pushBack' as const), value: fc.integer() }),
  fc.record({ kind: fc.constantFrom('popFront' as const, 'popBack' as const) }),
  fc.record({ kind: fc.constant('clear' as const) }),
);

it('behaves as an array does, whatever is done to it', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), fc.nat(60), fc.nat(60), (operations, a, b) => {
      const deque = new Deque<number>();
      const model: number[] = [];
      for (const step of operations) {
        if (step.kind === 'pushFront') {
          deque.pushFront(step.value);
          model.unshift(step.value);
        } else if (step.kind === 'pushBack') {
          deque.pushBack(step.value);
          model.push(step.value);
        } else if (step.kind === 'popFront') expect(deque.popFront()).toBe(model.shift());
        else if (step.kind === 'popBack') expect(deque.popBack()).toBe(model.pop());
        else {
          deque.clear();
          model.length = 0;
        }
        expect(deque.length).toBe(model.length);
      }
      expect(deque.slice()).toEqual(model);
      const start = Math.min(a, model.length);
      const end = Math.min(b, model.length);
      expect(deque.slice(start, end)).toEqual(model.slice(start, end));
    }),
  );
});

it('can be made of anything iterable', () => {
  expect(Deque.from([1, 2, 3]).slice()).toEqual([1, 2, 3]);
});
