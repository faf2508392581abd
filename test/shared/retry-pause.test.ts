import { beforeEach, describe, expect, it } from 'vitest';
import { RetryPause } from '../../src/shared/retry-pause.js';
import { VirtualTime } from '../support/virtual-time.js';

let time: VirtualTime;
let pause: RetryPause;

beforeEach(() => {
  time = new VirtualTime(1, 0);
  pause = new RetryPause(time, new AbortController().signal);
});

/** Waits 1,000 ms; `at` is when that ended. */
function wait(): { at: number | undefined } {
  const waited: { at: number | undefined } = { at: undefined };
  void pause.sleep(1000).then(() => {
    waited.at = time.monotonic();
  });
  return waited;
}

describe('the pause between two attempts', () => {
  it.each<[how: string, before: () => void, during: (() => void) | undefined, at: number]>([
    ['lasts as long as it is to', () => {}, undefined, 1000],
    ['ends when the service answers again', () => {}, () => pause.retryNow(), 400],
    ['ends at once when it answered before, during the attempt', () => pause.retryNow(), undefined, 0],
    [
      'is not shortened by what came before other attempts began',
      () => {
        pause.retryNow();
        pause.reset();
      },
      undefined,
      1000,
    ],
  ])('%s', async (_, before, during, at) => {
    before();
    const waited = wait();
    if (during !== undefined) time.after(400, during);
    await time.advance(5000);
    expect(waited.at).toBe(at);
    expect(time.pending).toBe(0);
  });

  it('is shortened once', async () => {
    pause.retryNow();
    wait();
    await time.advance(0);
    const second = wait();
    await time.advance(5000);
    expect(second.at).toBe(1000);
  });
});
