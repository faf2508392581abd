import { beforeEach, describe, expect, it } from 'vitest';
import { Composer } from '../../src/element/composer.js';
import type { Ui } from '../../src/element/ui.js';
import type { Message } from '../../src/messages/message.js';
import { makeUi } from './stage.js';

let ui: Ui;
let composer: Composer;
let saved: (readonly string[])[];

beforeEach(() => {
  const { ui: made, frame } = makeUi();
  ui = made;
  saved = [];
  composer = new Composer(
    ui,
    {
      send: async () => {},
      sending: () => {},
      hold: () => () => {},
      unsent: () => {},
      saveEdit: (_message, _text, mentions) => saved.push(mentions),
      lastOwn: () => undefined,
      failed: () => {},
      files: undefined,
      typing: () => undefined,
      loadDraft: async () => ({ text: '', mentions: [] }),
      saveDraft: () => {},
    },
    { id: 'composer', slot: 'composer' },
  );
  frame.append(composer.element);
});

/** Changes a message from one text to another. */
function edit(from: string, to: string, mentions: readonly string[]): void {
  composer.edit({ id: '1', text: from, mentions, user: { id: 'ada', name: 'Ada' } } as Message);
  composer.text.value = to;
  composer.text.dispatchEvent(new Event('input', { bubbles: true }));
  composer.element.dispatchEvent(new Event('submit', { cancelable: true }));
}

describe('G3: an edit leaves the mentions that it does not touch', () => {
  it('of somebody who is not there and has written nothing in sight', () => {
    edit('Helo @Ben', 'Hello @Ben', ['ben']);
    expect(saved).toEqual([['ben']]);
  });

  it('of somebody who has another name now', () => {
    ui.people.meet({ id: 'ben', name: 'Benjamin' }, false);
    edit('Hi @Benny', 'Hi, @Benny', ['ben']);
    expect(saved).toEqual([['ben']]);
  });

  it('of somebody whom the text does not name', () => {
    edit('Were?', 'Where?', ['ben']);
    expect(saved).toEqual([['ben']]);
  });

  it('while a draft with an "@" waits', () => {
    composer.text.value = 'Tell @Ben';
    edit('Were?', 'Where?', ['ben']);
    expect(saved).toEqual([['ben']]);
  });

  it('of somebody whose name begins with that of another', () => {
    ui.people.meet({ id: 'ann', name: 'Ann' }, false);
    edit('Helo @Ann and @Annabel', 'Hello @Ann and @Annabel', ['ann', 'annabel']);
    expect(saved).toEqual([['ann', 'annabel']]);
  });

  it('of somebody whom the text does not name, though it names another whose name begins with theirs', () => {
    ui.people.meet({ id: 'ann', name: 'Ann' }, false);
    ui.people.meet({ id: 'annabel', name: 'Annabel' }, false);
    edit('Helo @Annabel', 'Hello @Annabel', ['ann', 'annabel']);
    expect(saved).toEqual([['ann', 'annabel']]);
  });

  it('of two of the same name', () => {
    for (const id of ['ann', 'ann2']) ui.people.meet({ id, name: 'Ann' }, false);
    edit('Helo @Ann', 'Hello @Ann', ['ann', 'ann2']);
    expect(saved).toEqual([['ann', 'ann2']]);
  });
});

describe('a mention that is taken out of the text goes with it', () => {
  it('of somebody unknown', () => {
    edit('Hello @Ben', 'Hello', ['ben']);
    expect(saved).toEqual([[]]);
  });

  it('of somebody unknown, while that of somebody known stays', () => {
    ui.people.meet({ id: 'cleo', name: 'Cleo' }, false);
    edit('Hello @Ben and @Cleo', 'Hello @Cleo', ['ben', 'cleo']);
    expect(saved).toEqual([['cleo']]);
  });

  it('of somebody known, while that of somebody unknown stays', () => {
    ui.people.meet({ id: 'cleo', name: 'Cleo' }, false);
    edit('Hello @Ben and @Cleo', 'Hello @Ben', ['ben', 'cleo']);
    expect(saved).toEqual([['ben']]);
  });

  it('of somebody, while that of another stays whose name begins with theirs', () => {
    ui.people.meet({ id: 'ann', name: 'Ann' }, false);
    ui.people.meet({ id: 'annabel', name: 'Annabel' }, false);
    edit('Hello @Ann and @Annabel', 'Hello @Annabel', ['ann', 'annabel']);
    expect(saved).toEqual([['annabel']]);
  });
});
