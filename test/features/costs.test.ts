import { describe, expect, it } from 'vitest';
import {
  busyReaderCosts,
  changeCosts,
  heartlessCosts,
  plainCosts,
  presenceChanges,
  presenceCosts,
  readingCosts,
  richCosts,
  typingCosts,
} from '../support/cost-scenes.js';

const MEMBERS = 5;
/** Readers look in turns: the more members, the fewer readings each. */
const PRESENT = 10;

/** The budgets; docs/scaling.md tells what they come to in large rooms. */
describe('costs', () => {
  it('of a plain room: one subscription and the readings of the list to join, a publish and a push to send', async () => {
    const { join, send, idle } = await plainCosts(MEMBERS, false);
    expect(join.calls, 'the second reading is the one after the settle window').toEqual({
      Subscribe: 1,
      ListFetch: 2,
    });
    expect(send.calls).toEqual({ Publish: 1, ListPushFront: 1 });
    expect(send.deliveries).toBe(MEMBERS);
    expect(idle.calls).toEqual({});
  });

  it('of a room that uses no feature: one subscription and two calls more to join, and nothing else', async () => {
    const plain = await plainCosts(MEMBERS, false);
    const { join, send, idle } = await plainCosts(MEMBERS, true);
    expect(join.topicCalls - plain.join.topicCalls).toBe(1);
    expect(join.cacheCalls - plain.join.cacheCalls).toBeLessThanOrEqual(2);
    expect(send).toEqual(plain.send);
    expect(idle.calls).toEqual({});
  });

  it('of a page of 50 with edits, reactions and threads: four calls and one round trip more at most', async () => {
    const { join, page, pageMs } = await richCosts();
    const { ListFetch = 0 } = page.calls;
    expect(ListFetch).toBe(1);
    expect(page.cacheCalls - ListFetch).toBeLessThanOrEqual(4);
    expect(join.cacheCalls - (join.calls.ListFetch ?? 0)).toBeLessThanOrEqual(4);
    // A leg takes 20 ms at most.
    expect(pageMs).toBeLessThanOrEqual(2 * 40);
  });

  it('of a change: what the features promise, and one delivery to each member', async () => {
    const costs = await changeCosts(MEMBERS);
    const calls = Object.entries(costs).map(([name, used]) => [name, used.calls]);
    expect(Object.fromEntries(calls)).toEqual({
      edit: { DictionarySet: 1, Publish: 1 },
      reaction: { SortedSetPut: 1, Publish: 1 },
      signal: { Publish: 1 },
      pin: { DictionaryFetch: 2, DictionarySet: 1, Publish: 1 },
      'thread: open': { ListFetch: 2, DictionaryGet: 1 },
      'thread: reply': { Publish: 1, ListPushFront: 1, DictionarySet: 1 },
      delete: { DictionarySet: 1, DictionaryGet: 1, ListFetch: 2, ListRemove: 1, Publish: 1 },
    });
    for (const [name, { deliveries }] of Object.entries(costs))
      expect(deliveries, name).toBe(name === 'thread: open' ? 0 : MEMBERS);
  });

  it('of presence: 2.4 writes a member and minute, readings of two, and nothing on the topic but changes', async () => {
    const { minute } = await presenceCosts(PRESENT);
    const { SortedSetPut = 0, SortedSetFetch = 0, ...others } = minute.calls;
    expect(SortedSetPut / PRESENT).toBeLessThanOrEqual(2.4);
    expect(SortedSetFetch / PRESENT).toBeLessThanOrEqual(0.6);
    expect(others).toEqual({});
    const { enter, update, leave } = await presenceChanges();
    for (const change of [enter, update, leave]) expect(change.topicCalls).toBe(1);
    expect(enter.cacheCalls).toBe(1);
    expect(update.cacheCalls).toBe(2);
    expect(leave.cacheCalls).toBe(1);
  });

  it('of typing: twelve deliveries a minute at most to each listener for one who types', async () => {
    const { minute } = await typingCosts(MEMBERS, 1);
    expect(minute.deliveries).toBeLessThanOrEqual(12 * MEMBERS);
    expect(minute.cacheCalls).toBe(0);
  });

  it('of typing: a crowd that types costs each listener no more than some who type', async () => {
    const { minute } = await typingCosts(24, 24);
    expect(minute.deliveries / 24).toBeLessThanOrEqual(200);
  });

  it('of reading: a write and an event a second at most, and none when nothing is new', async () => {
    const { minute } = await busyReaderCosts();
    expect(minute.calls.DictionarySet).toBeLessThanOrEqual(60);
    expect((minute.calls.Publish ?? 0) - 60, 'beside those of the messages').toBeLessThanOrEqual(60);
    const { message, nothingNew } = await readingCosts(MEMBERS);
    expect(message.calls).toEqual({
      Publish: 1 + MEMBERS,
      ListPushFront: 1,
      DictionarySet: MEMBERS,
    });
    expect(nothingNew.calls).toEqual({});
  });

  it('of silence: without any heartbeat of the service some eight readings a minute', async () => {
    const { idle } = await heartlessCosts();
    expect(idle.cacheCalls).toBeLessThanOrEqual(9);
    expect(idle.topicCalls).toBe(0);
  });
});
