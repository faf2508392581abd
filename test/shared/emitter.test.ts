import { ChatRoom } from 'momento-chat';
import { describe, expect, it } from 'vitest';

const room = () => new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token: '/token' });

describe('the listeners of a room', () => {
  it('are given back as they were given', () => {
    const emitter = room();
    const on = () => {};
    const once = () => {};
    emitter.on('change', on).once('change', once).addListener('error', on);
    expect(emitter.listeners('change')).toEqual([on, once]);
    expect(emitter.listeners('change')[0]).toBe(on);
    expect(emitter.listeners('change')[1]).toBe(once);
    expect(emitter.listeners('error')[0]).toBe(on);
    expect(emitter.listeners('gap')).toEqual([]);
  });

  it('can be taken back and given anew by what listeners() gives', () => {
    const emitter = room();
    emitter.on('change', () => {});
    for (const listener of emitter.listeners('change')) {
      emitter.off('change', listener);
      expect(emitter.listenerCount('change')).toBe(0);
      emitter.on('change', listener);
    }
    expect(emitter.listenerCount('change')).toBe(1);
  });
});
