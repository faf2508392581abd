import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// Loaded ahead: virtual time stands still meanwhile.
import '../../src/element/around-pane.js';
import '../../src/element/search-pane.js';
import '../../src/features/message-search.js';
import type { MomentoChat } from '../../src/element/index.js';
import { SidePane } from '../../src/element/side-pane.js';
import { ADA, Page } from '../ui/page.js';
import { box, choose, menuOf, part, press, showChat, write } from './shown-chat.js';
import { makeUi } from './stage.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

it.each([
  [{ isComposing: true }, 'people'],
  [{ keyCode: 229 }, 'people'],
  [{}, undefined],
])('Escape closes the pane, unless it ends the composition of a character: %j', (init, open) => {
  const { ui, frame } = makeUi();
  const pane = new SidePane(ui.texts, {
    banner: document.createElement('p'),
    shown: () => {},
    refocus: () => {},
    uncovered: () => {},
  });
  const content = document.createElement('textarea');
  frame.append(pane.element);
  pane.show({ name: 'people', title: 'People', content });
  content.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, ...init }));
  expect(pane.open).toBe(open);
});

it('the buttons of the header say which pane is open', async () => {
  const chat = await showChat(page);
  const opener = (name: string) => part(chat, `[part=${name}-button]`);
  const open = () => ['people', 'search', 'pins'].filter((name) => opener(name).ariaExpanded === 'true');
  expect(open()).toEqual([]);
  opener('people').click();
  expect(open()).toEqual(['people']);
  opener('pins').click();
  expect(open()).toEqual(['pins']);
  press('Escape', part(chat, '.side button'));
  expect(open()).toEqual([]);
});

it('that a message is pinned or no longer pinned is read aloud', async () => {
  const bob = await page.other('lobby');
  await page.result(bob.send('Look'));
  const chat = await showChat(page);
  for (const [label, told] of [
    ['Pin', 'Message pinned.'],
    ['Unpin', 'Message unpinned.'],
  ] as const) {
    choose(chat, label);
    await page.run(2000);
    expect(part(chat, '#announcer').textContent).toBe(told);
  }
});

describe('the focus, after Escape, is where it came from', () => {
  const focusedIn = (chat: MomentoChat) => chat.shadowRoot?.activeElement;

  it('at the link to a thread, though a reply came meanwhile', async () => {
    const bob = await page.other('lobby');
    const { id } = await page.result(bob.send('Lunch?'));
    const thread = bob.thread(id);
    await page.result(thread.open());
    await page.result(thread.send('Yes'));
    const chat = await showChat(page);
    const link = part(chat, '.thread-link');
    link.focus();
    link.click();
    await page.run(2000);
    await page.result(thread.send('Where?'));
    await page.run(2000);
    thread.close();
    press('Escape', box(chat, 'thread-composer'));
    expect(focusedIn(chat)?.textContent).toContain('2 replies');
  });

  it('at a pinned message, though it was edited while it was shown among those around it', async () => {
    const bob = await page.other('lobby');
    const { id } = await page.result(bob.send('Old'));
    await page.result(bob.pin(id));
    for (let at = 0; at < 20; at += 1) await page.result(bob.send(`Message ${at}`));
    const room = page.room({ room: 'lobby', user: ADA, history: { pageSize: 10 } });
    page.atEnd(() => room.leave());
    const chat = await showChat(page, { room: room as never });
    part(chat, '[part=pins-button]').click();
    const pinned = part(chat, '.side .pinned');
    pinned.focus();
    pinned.click();
    await page.run(3000);
    await page.result(bob.edit(id, 'New'));
    await page.run(3000);
    press('Escape', part(chat, '.side .around'));
    expect(focusedIn(chat)).toBe(part(chat, '.side .pinned'));
    expect(focusedIn(chat)?.textContent).toContain('New');
  });

  it('where one writes, once the message whose menu was open is gone', async () => {
    const bob = await page.other('lobby');
    await page.result(bob.send('Hello'));
    const room = page.room({ room: 'lobby', user: ADA });
    page.atEnd(() => room.leave());
    const chat = await showChat(page, { room: room as never });
    const [item] = menuOf(chat);
    expect(focusedIn(chat)).toBe(item);
    room.hide('bob');
    await page.run(1000);
    expect(chat.shadowRoot?.querySelector('.main .message')).toBeNull();
    press('Escape', item as HTMLElement);
    expect(focusedIn(chat)).toBe(box(chat));
  });
});

it('who comes and goes leaves the list of the pins as it is: a press on it is not lost', async () => {
  const bob = await page.other('lobby');
  const { id } = await page.result(bob.send('Look'));
  await page.result(bob.pin(id));
  const chat = await showChat(page);
  part(chat, '[part=pins-button]').click();
  const pinned = part(chat, '.side .pinned');
  page.atEnd(() => bob.presence.leave());
  await page.result(bob.presence.enter());
  await page.run(2000);
  expect(part(chat, '.side .pinned')).toBe(pinned);
});

it('a search that is closed right after its last key is made when it is opened again', async () => {
  const bob = await page.other('lobby');
  for (const text of ['apple', 'banana']) await page.result(bob.send(text));
  const chat = await showChat(page);
  const toggle = () => part(chat, '[part=search-button]').click();
  toggle();
  await page.run(1000);
  const field = part<HTMLInputElement>(chat, '[part=search-input]');
  write('apple', field as never);
  await page.run(3000);
  write('banana', field as never);
  toggle();
  await page.run(1000);
  toggle();
  await page.run(3000);
  const hits = [...(chat.shadowRoot?.querySelectorAll('.hit .pinned-text') ?? [])];
  expect([field.value, hits.map(({ textContent }) => textContent)]).toEqual(['banana', ['banana']]);
});
