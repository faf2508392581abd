// @vitest-environment jsdom
import '../ui/one-realm.js';
import { ChatRoom, type Message } from 'momento-chat';
import { withLocalMomento } from 'momento-chat/testing';
import { expect, it, vi } from 'vitest';
import { allSnippets } from './support/pages.js';
import { run } from './support/running.js';

it(
  'the archive of docs/bots.md has every stored message, also when the run before was cut off',
  withLocalMomento(async (fixture) => {
    const writer = new ChatRoom({ room: 'general', user: { name: 'Ada' }, token: fixture.token });
    await writer.join();
    for (let round = 0; round < 4; round += 1)
      await Promise.all(Array.from({ length: 40 }, (_, index) => writer.send(`${round} ${index}`)));
    const said = [...writer.messages];
    await writer.leave();
    // Two pages, from the newest back, are as far as it came.
    const archive = new Map(said.slice(-100).map((message): [string, Message] => [message.id, message]));
    const snippet = allSnippets().find(({ code }) => code.includes('const archive = new Map'));
    if (snippet === undefined) throw new Error('the page shows no archive');
    const code = snippet.code.replace('new Map<string, Message>()', 'database');
    expect(code).not.toBe(snippet.code);
    vi.stubGlobal('database', archive);
    await run({ ...snippet, code }, fixture);
    expect(said.filter(({ id }) => !archive.has(id))).toEqual([]);
  }),
  60_000,
);
