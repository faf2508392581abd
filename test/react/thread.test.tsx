import { StrictMode, useEffect } from 'react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RoomProvider, type Thread, useThread } from '../../src/react/index.js';
import { FAIR } from '../support/weather.js';
import { GRACE_MS, Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

let thread: Thread | undefined;
function Replies({ rootId }: { rootId: string }) {
  thread = useThread(rootId);
  const { root, messages, typing, error } = thread;
  const replies = messages.map(({ text }) => text).join(',');
  return <p>{`${root?.text}: ${replies} typing ${typing.users.length} ${error?.code ?? ''}`}</p>;
}

const show = (rootId?: string) =>
  stage.render(
    <StrictMode>
      <stage.Chat>
        <RoomProvider name="lobby">{rootId && <Replies rootId={rootId} />}</RoomProvider>
      </stage.Chat>
    </StrictMode>,
  );

it('a thread is open while it is shown, before its room is joined and after it was left', async () => {
  const other = await stage.other('lobby');
  const root = await stage.result(other.send('Lunch?'));
  await stage.result(other.thread(root.id).send('Yes'));
  await show(root.id);
  await stage.run(1000);
  expect(stage.text).toBe('Lunch?: Yes typing 0 ');
  other.thread(root.id).typing.keystroke();
  await stage.run(1000);
  expect(stage.text).toBe('Lunch?: Yes typing 1 ');
  const reply = await stage.result(thread?.send('No') ?? Promise.reject());
  await stage.result(thread?.react(reply.id, '👍') ?? Promise.reject());
  await stage.run(1000);
  expect(thread?.messages.map(({ reactions }) => reactions.length)).toEqual([0, 1]);
  expect(stage.text).toContain('Lunch?: Yes,No');
  await stage.result(stage.lastRoom.leave());
  await stage.result(other.thread(root.id).send('Maybe'));
  await stage.result(stage.lastRoom.join());
  await stage.run(2000);
  expect(stage.text).toContain('Lunch?: Yes,No,Maybe');
  const opened = stage.lastRoom.thread(root.id);
  await show();
  expect(opened.isOpen).toBe(true);
  await stage.run(GRACE_MS);
  expect(opened.isOpen).toBe(false);
  expect(opened.eventNames()).toEqual([]);
  await stage.result(other.thread(root.id).open());
  other.thread(root.id).close();
});

it.each(['thread', 'room'])(
  'G3: a reply that is on its way is sent, although its %s is no longer shown',
  async (gone) => {
    const other = await stage.other('lobby');
    const root = await stage.result(other.send('Lunch?'));
    await show(root.id);
    stage.device.link.weather = { ...FAIR, loseRequest: 1 };
    thread?.send('Yes').catch(() => {});
    await (gone === 'thread' ? show() : stage.render(null));
    await stage.run(GRACE_MS * 2);
    stage.device.link.weather = FAIR;
    await stage.run(30_000);
    await stage.result(other.thread(root.id).open());
    expect(other.thread(root.id).messages.map(({ text }) => text)).toEqual(['Yes']);
    other.thread(root.id).close();
    expect(stage.lastRoom.thread(root.id).isOpen).toBe(false);
  },
);

it('G3: a reply that failed is there when its thread is shown again', async () => {
  const other = await stage.other('lobby');
  const root = await stage.result(other.send('Lunch?'));
  await show(root.id);
  stage.device.link.weather = { ...FAIR, loseRequest: 1 };
  thread?.send('Yes').catch(() => {});
  await stage.run(500);
  await stage.result(stage.lastRoom.leave());
  stage.device.link.weather = FAIR;
  await show();
  await stage.run(GRACE_MS * 2);
  await stage.result(stage.lastRoom.join());
  await show(root.id);
  await stage.run(2000);
  expect(thread?.messages.map(({ text, status }) => [text, status])).toEqual([['Yes', 'failed']]);
});

it('keys that are typed before the room is joined tell nobody, and harm nothing', async () => {
  const other = await stage.other('lobby');
  const { id } = await stage.result(other.send('Lunch?'));
  await stage.result(other.thread(id).open());
  function Reply() {
    const { keystroke, stop } = useThread(id);
    useEffect(() => {
      keystroke();
      stop();
    }, [keystroke, stop]);
    return <input onInput={keystroke} />;
  }
  await stage.render(
    <stage.Chat>
      <RoomProvider name="lobby">
        <Reply />
      </RoomProvider>
    </stage.Chat>,
  );
  expect(stage.lastRoom.status).toBe('joined');
  await stage.type('Y');
  await stage.run(1000);
  expect(other.thread(id).typing.users).toMatchObject([{ id: 'ada' }]);
  other.thread(id).close();
});
