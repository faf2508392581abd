import { beforeEach, describe, expect, it } from 'vitest';
import { OutboxBench } from './outbox-bench.js';
import type { Answer } from './service.js';

let bench: OutboxBench;
beforeEach(() => {
  bench = new OutboxBench();
});

describe('while the connection is lost', () => {
  it('nothing leaves, and all leaves when it is back', async () => {
    bench.gate.pause();
    const a = bench.send('a');
    await bench.time.advance(60_000);
    expect(bench.service.calls).toEqual([]);
    bench.gate.resume();
    await bench.time.advance(0);
    expect(a.outcome).toBe('60000 sent');
  });

  it('a message fails with `network` when patience is over', async () => {
    bench.gate.pause();
    const a = bench.send('a');
    await bench.time.advance(400_000);
    expect([a.outcome, bench.service.calls]).toEqual(['300000 network', []]);
  });

  it('attempts that were under way do not count', async () => {
    bench.open({ maxAttempts: 1 });
    bench.service.answer('store', ['network', 500]);
    const a = bench.send('a');
    bench.gate.pause();
    await bench.time.advance(10_000);
    bench.gate.resume();
    await bench.time.advance(0);
    expect(a.outcome).toBe('10000 sent');
  });

  it('a limit that does not pass in time is `rate-limited`', async () => {
    bench.open({ timeoutMs: 500 });
    bench.service.answer('publish', 'rate-limited', 'rate-limited');
    const a = bench.send('a');
    await bench.time.advance(10_000);
    expect(a.outcome).toBe('500 rate-limited');
  });

  it('a limit that does not pass in time is told in the words of the service: it may be no rate', async () => {
    bench.open({ timeoutMs: 500 });
    bench.service.answer('publish', 'rate-limited', 'rate-limited');
    const told = bench.outbox.send('a', 'a').catch(({ message }: Error) => message);
    await bench.time.advance(10_000);
    expect(await told).toBe('unable to publish the message; rate-limited');
  });
});

describe('G5: closing', () => {
  it('ends every message at once, though calls are under way', async () => {
    bench.service.answer('store', ...Array<Answer>(3).fill(['ok', 800]));
    const messages = ['a', 'b', 'c', 'd'].map((id) => bench.send(id));
    bench.outbox.close('the room was left');
    await bench.time.advance(0);
    expect(messages.map(({ outcome }) => outcome)).toEqual(Array(4).fill('0 closed'));
    await bench.time.advance(800);
    expect(bench.service.calls).toHaveLength(6);
  });

  it.each<[what: string, hinder: () => void]>([
    ['for the connection', () => bench.gate.pause()],
    ['for a limit to pass', () => bench.service.answer('publish', 'rate-limited')],
    ['for its next attempt', () => bench.service.answer('publish', 'server')],
  ])('ends one that waits %s', async (_, hinder) => {
    hinder();
    const a = bench.send('a');
    await bench.time.advance(50);
    bench.outbox.close('the room was left');
    await bench.time.advance(0);
    expect(a.outcome).toBe('50 closed');
    expect(bench.time.pending).toBe(0);
  });

  it('leaves the messages to be tried again after the next join', async () => {
    bench.service.answer('store', 'never', 'ok');
    bench.send('a');
    await bench.time.advance(100);
    bench.outbox.close('the room was left');
    await bench.time.advance(0);
    const again = bench.follow(bench.outbox.retry('a'));
    await bench.time.advance(0);
    expect(again.outcome).toBe('100 sent');
  });

  it('gives the place of one that waited for its turn to others', async () => {
    bench.service.answer('store', 'never', 'never', 'never');
    for (const id of ['a', 'b', 'c', 'd']) bench.send(id);
    bench.outbox.close('the room was left');
    await bench.time.advance(0);
    for (const id of ['e', 'f', 'g']) bench.send(id);
    expect(bench.calls('g')).toEqual(['0 publish', '0 store']);
  });
});
