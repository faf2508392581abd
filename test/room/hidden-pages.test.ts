import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { textsOf } from '../support/chat.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
let bob: ChatRoom;
let eve: ChatRoom;
beforeEach(async () => {
  world = inProcessWorld();
  [bob, eve] = [open('bob'), open('eve')];
  await world.joined(bob, eve);
});
afterEach(() => world.end());

const open = (id: string) => world.room({ room: 'lobby', user: { id, name: id }, history: { pageSize: 2 } });

it('those who are hidden are in no page, returned or told of', async () => {
  for (const text of ['1', '2', '3', '4']) await world.say(Number(text) % 2 ? bob : eve, text);
  const ada = open('ada');
  ada.hide('eve');
  const told: string[] = [];
  ada.on('history', (page) => told.push(...page.map(({ text }) => text)));
  await world.joined(ada);
  const page = await world.result(ada.loadOlder());
  expect(page.map(({ text }) => text)).toEqual(['1']);
  expect(told).toEqual(['3', '1']);
  ada.unhide('eve');
  expect(textsOf(ada)).toEqual(['1', '2', '3', '4']);
});

it('nor in a page of a thread', async () => {
  const { id } = await world.result(bob.send('root'));
  await world.run(200);
  for (const text of ['1', '2', '3', '4'])
    await world.result((Number(text) % 2 ? bob : eve).thread(id).send(text));
  const ada = open('ada');
  await world.joined(ada);
  ada.hide('eve');
  const thread = ada.thread(id);
  await world.result(thread.open());
  const page = await world.result(thread.loadOlder());
  expect(page.map(({ text }) => text)).toEqual(['1']);
});
