import { describe, expect, it, vi } from 'vitest';
import { ManualClock, systemClock } from '../../src/local/engine/clock.js';

describe('the manual clock', () => {
  it('runs what falls due in order, and at its time', () => {
    const clock = new ManualClock(1000);
    const seen: [string, number][] = [];
    clock.setTimeout(() => seen.push(['later', clock.now()]), 20);
    clock.setTimeout(() => {
      seen.push(['sooner', clock.now()]);
      clock.setTimeout(() => seen.push(['in between', clock.now()]), 5);
    }, 10);
    clock.advance(19);
    expect(seen).toEqual([
      ['sooner', 1010],
      ['in between', 1015],
    ]);
    clock.advance(1);
    expect(seen.at(-1)).toEqual(['later', 1020]);
    expect(clock.pending).toBe(0);
  });

  it('forgets a timer that was taken back', () => {
    const clock = new ManualClock();
    const callback = vi.fn();
    const cancel = clock.setTimeout(callback, 10);
    cancel();
    clock.advance(100);
    expect(callback).not.toHaveBeenCalled();
  });
});

describe('the system clock', () => {
  it('waits longer than a timer of Node can', () => {
    vi.useFakeTimers();
    try {
      const callback = vi.fn();
      const days = 24 * 60 * 60 * 1000;
      systemClock.setTimeout(callback, 60 * days);
      vi.advanceTimersByTime(59 * days);
      expect(callback).not.toHaveBeenCalled();
      vi.advanceTimersByTime(days);
      expect(callback).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });

  it('takes a timer back after its first stretch', () => {
    vi.useFakeTimers();
    try {
      const callback = vi.fn();
      const days = 24 * 60 * 60 * 1000;
      const cancel = systemClock.setTimeout(callback, 60 * days);
      vi.advanceTimersByTime(30 * days);
      cancel();
      vi.advanceTimersByTime(60 * days);
      expect(callback).not.toHaveBeenCalled();
    } finally {
      vi.useRealTimers();
    }
  });
});
