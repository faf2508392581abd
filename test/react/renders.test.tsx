import { memo } from 'react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatRoom, Message } from '../../src/index.js';
import { RoomProvider, useDraft, useMessage, useMessages, useSignal } from '../../src/react/index.js';
import { Stage } from './stage.js';

let stage: Stage;
let rendered: Map<string, number>;
let functions: Set<unknown>;
beforeEach(() => {
  stage = new Stage();
  rendered = new Map();
  functions = new Set();
});
afterEach(() => stage.end());

const count = (what: string) => rendered.set(what, (rendered.get(what) ?? 0) + 1);
const renders = (what: string) => rendered.get(what) ?? 0;
const total = () => [...rendered.values()].reduce((sum, some) => sum + some, 0);

const Row = memo(({ message }: { message: Message }) => {
  count(message.text);
  return <li>{message.text}</li>;
});

const RowById = memo(({ id }: { id: string }) => {
  const message = useMessage(id);
  count(`${message?.text}`);
  return <li>{message?.text}</li>;
});

function List({ byId }: { byId: boolean }) {
  const { messages, send, loadOlder, retry, discard } = useMessages();
  for (const one of [send, loadOlder, retry, discard]) functions.add(one);
  count('list');
  return (
    <ul>
      {messages.map((message) =>
        byId ? <RowById key={message.id} id={message.id} /> : <Row key={message.id} message={message} />,
      )}
    </ul>
  );
}

function Composer() {
  const { text, setText } = useDraft();
  useSignal('dice', () => {});
  count('composer');
  return <input value={text} onChange={(event) => setText(event.target.value)} />;
}

async function show({ byId = false } = {}): Promise<ChatRoom> {
  await stage.render(
    <stage.Chat>
      <RoomProvider name="lobby" options={{ history: { maxInMemory: 2000 } }}>
        <List byId={byId} />
        <Composer />
      </RoomProvider>
    </stage.Chat>,
  );
  const other = await stage.other('lobby');
  return other;
}

async function arrive(other: ChatRoom, many: number): Promise<void> {
  for (let sent = 0; sent < many; sent += 50) {
    const batch = Array.from({ length: 50 }, (_, index) => other.send(`message ${sent + index}`));
    await stage.result(Promise.all(batch));
    await stage.run(500);
  }
}

it('of 1,000 messages that arrive, each renders once, and functions stay the same', async () => {
  const other = await show();
  await arrive(other, 1000);
  expect(stage.container.querySelectorAll('li')).toHaveLength(1000);
  expect([...rendered].filter(([what, times]) => what.startsWith('message ') && times !== 1)).toEqual([]);
  expect(functions.size).toBe(4);
  expect(renders('composer')).toBe(1);
}, 60_000);

it('a row that asks for its message by id renders once as well', async () => {
  const other = await show({ byId: true });
  await arrive(other, 100);
  const rows = [...rendered].filter(([what]) => what.startsWith('message '));
  expect(rows.map(([, times]) => times)).toEqual(Array.from({ length: 100 }, () => 1));
});

it('a message of ones own renders for each of its states, and no other row does', async () => {
  const other = await show();
  await stage.result(other.send('Hello'));
  await stage.run(500);
  const before = renders('Hello');
  const input = stage.container.querySelector('input');
  const { lastRoom: room } = stage;
  await stage.result(room.send('Hi'));
  await stage.run(500);
  expect(renders('Hello')).toBe(before);
  // Sending, vouched for by Momento, and stored.
  expect(renders('Hi')).toBe(3);
  expect(input?.value).toBe('');
});

it('a draft, a signal and a lost connection render no row', async () => {
  const other = await show();
  await stage.result(other.send('Hello'));
  await stage.run(500);
  const before = { all: total(), composer: renders('composer') };
  await stage.type('Hi there');
  expect(renders('composer')).toBeGreaterThan(before.composer);
  await stage.result(other.signal('dice', { pips: 4 }));
  stage.device.link.cut('told');
  await stage.run(20_000);
  expect(total() - renders('composer')).toBe(before.all - before.composer);
});
