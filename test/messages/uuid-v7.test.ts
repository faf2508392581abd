import fc from 'fast-check';
import { v7, validate, version } from 'uuid';
import { expect, it } from 'vitest';
import { uuidV7 } from '../../src/messages/uuid-v7.js';

it('is the same as that of the library `uuid`, for every time, sequence number and random bits', () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(0xffff_ffff), bytes, (number, sequence, random) => {
      const msecs = number % 2 ** 48;
      const view = new DataView(random.buffer);
      // The last 42 of the library's 128 random bits count.
      const bits = (view.getUint16(10) % 2 ** 10) * 2 ** 32 + view.getUint32(12);
      const id = uuidV7(msecs, sequence, bits);
      expect(id).toBe(v7({ msecs, seq: sequence, random }));
      expect([validate(id), version(id)]).toEqual([true, 7]);
    }),
  );
});
