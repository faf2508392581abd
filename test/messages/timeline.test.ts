import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/messages/message.js';
import { Timeline } from '../../src/messages/timeline.js';

const message = (id: string, status: Message['status'] = 'sent'): Message => ({
  id,
  room: 'r',
  text: id,
  user: { name: 'n' },
  sentAt: new Date(0),
  status,
  own: false,
  reactions: [],
  mentionsMe: false,
});
const timeline = (limit = 100, onChange = () => {}) => new Timeline({ limit, maxStored: 1000, onChange });
const idsOf = ({ snapshot }: Timeline) => snapshot.map(({ id }) => id);

describe('a timeline', () => {
  it('G1: shows each id once and in order, whatever order they come in', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[0-9a-f]{3}$/)), (ids) => {
        const line = timeline(10_000);
        for (const id of ids) line.addNewest(message(id));
        expect(idsOf(line)).toEqual([...new Set(ids)].sort());
      }),
    );
  });

  it('G5: keeps at most its limit, the newest, and knows that older ones left', () => {
    const line = timeline(3);
    for (const id of ['1', '2', '3', '4', '5']) line.addNewest(message(id));
    expect(idsOf(line)).toEqual(['3', '4', '5']);
    expect(line.hasEvicted).toBe(true);
  });

  it('G1: an id that left memory is not new when it comes again', () => {
    const line = timeline(3);
    for (const id of ['1', '2', '3', '4', '5']) line.addNewest(message(id));
    expect(line.addNewest(message('1'))).toBe(false);
    expect(idsOf(line)).toEqual(['3', '4', '5']);
  });

  it('G3: never lets go of what is being sent or has failed', () => {
    const line = timeline(2);
    line.addNewest(message('1', 'failed'));
    line.addNewest(message('2', 'sending'));
    for (const id of ['3', '4', '5']) line.addNewest(message(id));
    expect(idsOf(line)).toContain('1');
    expect(idsOf(line)).toContain('2');
  });

  it('G1: what has failed takes the place of nobody', () => {
    const line = timeline(2);
    for (const id of ['1', '2', '3']) line.addNewest(message(id, 'failed'));
    for (const id of ['4', '5', '6']) line.addNewest(message(id));
    expect(idsOf(line)).toEqual(['1', '2', '3', '5', '6']);
    line.replace(message('3'));
    line.remove('1');
    expect(idsOf(line)).toEqual(['2', '5', '6']);
  });

  it('keeps what was loaded on request beyond its limit', () => {
    const line = timeline(3);
    for (const id of ['4', '5', '6', '7']) line.addNewest(message(id));
    expect(line.addOlder([message('4'), message('3')]).map(({ id }) => id)).toEqual(['3', '4']);
    expect(idsOf(line)).toEqual(['3', '4', '5', '6', '7']);
    line.addNewest(message('8'));
    expect(idsOf(line)).toHaveLength(5);
  });

  it('gives the same array until something changes, and then leaves the old one as it was', () => {
    const line = timeline();
    line.addNewest(message('1'));
    const before = line.snapshot;
    expect(line.snapshot).toBe(before);
    line.addNewest(message('2'));
    expect(before.map(({ id }) => id)).toEqual(['1']);
    expect(line.snapshot).not.toBe(before);
  });

  it('G5: lets go of what is lowest in the list, whatever the clock of its sender said', () => {
    const line = timeline(3);
    for (const id of ['9', '1', '2', '3']) line.addNewest(message(id));
    expect(idsOf(line)).toEqual(['1', '2', '3']);
    expect(line.bottom(2)).toEqual(['1', '2']);
  });

  it('G1: shows a latecomer, old by its id, that was never here', () => {
    const line = timeline(3);
    for (const id of ['2', '3', '4', '5']) line.addNewest(message(id));
    expect(line.addNewest(message('1'))).toBe(true);
    expect(idsOf(line)).toEqual(['1', '4', '5']);
  });

  it('G5: lets go of nothing while a page is loaded that is to join on', () => {
    const line = timeline(2);
    const release = line.hold();
    for (const id of ['1', '2', '3']) line.addNewest(message(id));
    expect(idsOf(line)).toEqual(['1', '2', '3']);
    release();
    expect(idsOf(line)).toEqual(['2', '3']);
  });

  it('replaces and removes by id, and ignores ids that it does not hold', () => {
    const line = timeline();
    line.addNewest(message('1', 'sending'));
    line.replace(message('1', 'sent'));
    line.replace(message('9'));
    line.remove('8');
    expect(line.snapshot.map(({ id, status }) => [id, status])).toEqual([['1', 'sent']]);
    line.remove('1');
    expect(line.snapshot).toEqual([]);
  });
});
