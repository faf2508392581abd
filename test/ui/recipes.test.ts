import { effect } from '@preact/signals-core';
import { ChatRoom, type Message } from 'momento-chat';
import { withLocalMomento } from 'momento-chat/testing';
import { createEffect, createRoot } from 'solid-js';
import { expect, it } from 'vitest';

/** Shows what a recipe of docs/recipes.md makes of a room; returns what ends it. */
type Recipe = (room: ChatRoom, show: (messages: readonly Message[]) => void) => Promise<() => void>;

const RECIPES: Record<string, Recipe> = {
  async Solid(room, show) {
    const { messagesOf } = await import('../docs/snippets/solid.js');
    return createRoot((dispose) => {
      const messages = messagesOf(room);
      createEffect(() => show(messages()));
      return dispose;
    });
  },
  async signals(room, show) {
    const { messagesOf } = await import('../docs/snippets/signals.js');
    const [messages, end] = messagesOf(room);
    const stop = effect(() => show(messages.value));
    return () => {
      stop();
      end();
    };
  },
};

it.each(Object.entries(RECIPES))(
  'the recipe for %s shows messages, and ends its listening',
  async (_, recipe) => {
    await withLocalMomento(async ({ token, waitFor }) => {
      const room = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token });
      const shown: string[][] = [];
      const end = await recipe(room, (messages) => shown.push(messages.map(({ text }) => text)));
      expect(room.listenerCount('change')).toBe(1);
      await room.join();
      await room.send('Hello!');
      await waitFor(() => shown.at(-1)?.includes('Hello!') ?? false);
      expect(shown[0]).toEqual([]);
      end();
      expect(room.listenerCount('change')).toBe(0);
      await room.leave();
    })();
  },
);
