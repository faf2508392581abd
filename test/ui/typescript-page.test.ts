import { ChatRoom } from 'momento-chat';
import { withLocalMomento } from 'momento-chat/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { withTokens } from '../docs/support/site-tokens.js';
import { watchRooms } from '../docs/support/watch-rooms.js';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it(
  'the page of docs/start/typescript.md chats, and loads older messages',
  withLocalMomento(async (fixture) => {
    const { token, waitFor } = fixture;
    vi.stubGlobal('fetch', withTokens(fixture));
    const bob = new ChatRoom({ room: 'lobby', user: { name: 'Bob' }, token });
    await bob.join();
    for (let count = 1; count <= 60; count += 1) await bob.send(`message ${count}`);
    const joined = watchRooms();
    const app = document.body.appendChild(document.createElement('div'));
    app.id = 'app';
    await import('../docs/snippets/main.js');
    const find = (selector: string) => app.querySelector<HTMLElement>(selector);
    await waitFor(() => find('p')?.textContent === 'joined' && app.querySelectorAll('li').length === 50);
    expect(find('button')?.hidden).toBe(false);
    find('button')?.click();
    await waitFor(() => app.querySelectorAll('li').length === 60 && find('button')?.hidden === true);
    const input = app.querySelector('input');
    if (input) input.value = 'Hello from Ada';
    app.querySelector('form')?.requestSubmit();
    await waitFor(() => bob.messages.at(-1)?.text === 'Hello from Ada');
    await waitFor(() => app.querySelector('li:last-child')?.className === 'sent');
    expect(app.querySelector('li:last-child')?.textContent).toBe('Ada: Hello from Ada');
    await Promise.all([bob, ...joined].map((room) => room.leave()));
  }),
  20_000,
);
