import { beforeEach, describe, expect, it } from 'vitest';
import { Composer } from '../../src/element/composer.js';
import type { Draft, Written } from '../../src/element/drafts.js';
import type { Ui } from '../../src/element/ui.js';
import type { FileRef, Message } from '../../src/messages/message.js';
import { makeUi } from './stage.js';

let ui: Ui;
let composer: Composer;
let sent: Draft[];
let kept: string[];
let failures: unknown[];
let edits: string[];
let giveDraft: (written: Written) => void;
let uploads: { name: string; finish: () => void; fail: () => void }[];

beforeEach(() => {
  const { ui: made, frame } = makeUi();
  ui = made;
  sent = [];
  kept = [];
  failures = [];
  edits = [];
  uploads = [];
  composer = new Composer(
    ui,
    {
      send: async (draft) => void sent.push(draft),
      sending: () => {},
      hold: () => () => {},
      unsent: (draft) => composer.giveBack(draft),
      saveEdit: (_message, text) => edits.push(text),
      lastOwn: () => undefined,
      failed: (error) => failures.push(error),
      files: {
        upload: (blob, { name = '', signal } = {}) =>
          new Promise((resolve, reject) => {
            const ref: FileRef = { id: name, name, type: blob.type, size: blob.size };
            signal?.addEventListener('abort', () => reject(signal.reason));
            uploads.push({ name, finish: () => resolve(ref), fail: () => reject(new Error('lost')) });
          }),
        download: () => Promise.reject(new Error('not here')),
      },
      typing: () => undefined,
      loadDraft: () =>
        new Promise((resolve) => {
          giveDraft = resolve;
        }),
      saveDraft: ({ text }) => kept.push(text),
    },
    { id: 'composer', slot: 'composer' },
  );
  frame.append(composer.element);
});

function write(text: string): void {
  composer.text.value = text;
  composer.text.setSelectionRange(text.length, text.length);
  composer.text.dispatchEvent(new Event('input', { bubbles: true }));
}

function press(key: string, init: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init });
  composer.text.dispatchEvent(event);
  return event;
}

function paste(types: readonly string[], files: readonly File[]): Event {
  const event = Object.assign(new Event('paste', { bubbles: true, cancelable: true }), {
    clipboardData: { types, files },
  });
  composer.text.dispatchEvent(event);
  return event;
}

/** Lets what has been settled be told. */
const settle = () => new Promise((resolve) => setTimeout(resolve));

const message = { id: '1', text: 'Before', user: { id: 'ada', name: 'Ada' } } as Message;
const names = (draft: Draft | undefined) => draft?.files.map(({ name }) => name);

describe('the keyboard', () => {
  it.each([
    ['as a browser tells of it', { isComposing: true }],
    ['as Safari does, once it has ended', { keyCode: 229 }],
  ])('Enter that ends the composition of a character sends nothing, %s', (_, init) => {
    write('日本');
    expect(press('Enter', init).defaultPrevented).toBe(false);
    expect([composer.text.value, sent]).toEqual(['日本', []]);
  });

  it('Enter sends', async () => {
    write('日本');
    press('Enter');
    await settle();
    expect(sent).toMatchObject([{ text: '日本' }]);
  });
});

it('the button and the key of a phone say what they do: send, or save an edit', () => {
  const button = composer.element.querySelector('.send');
  const words = () => [button?.textContent, button?.ariaLabel, composer.text.getAttribute('enterkeyhint')];
  expect(words()).toEqual(['Send', 'Send', 'send']);
  composer.edit(message);
  expect(words()).toEqual(['Save', 'Save', 'done']);
  press('Escape');
  expect(words()).toEqual(['Send', 'Send', 'send']);
});

it('what is answered or edited describes the box, and is read out where that has the focus already', () => {
  const description = () =>
    composer.element.querySelector(`#${composer.text.getAttribute('aria-describedby')}`)?.textContent;
  composer.edit(message);
  expect([description(), ui.announcer.textContent]).toEqual(['Editing your message', '']);
  press('Escape');
  expect(description()).toBeUndefined();
  composer.edit(message);
  expect(ui.announcer.textContent).toBe('Editing your message');
});

describe('a stored draft that comes late', () => {
  it('G3: stands above what was typed meanwhile', async () => {
    write('sentence');
    giveDraft({ text: 'Half a', mentions: [] });
    await settle();
    expect([composer.text.value, kept.at(-1)]).toEqual(['Half a\nsentence', 'Half a\nsentence']);
  });

  it('G3: does not come into the edit of a message, but after it', async () => {
    composer.edit(message);
    giveDraft({ text: 'Half a', mentions: [] });
    await settle();
    expect(composer.text.value).toBe('Before');
    press('Escape');
    expect(composer.text.value).toBe('Half a');
  });
});

describe('mentions', () => {
  beforeEach(() => ui.people.meet({ id: 'grace', name: 'Grace' }, false));

  it('a name is put where it was asked for', async () => {
    write('Hello @Gr');
    press('Enter');
    expect(composer.text.value).toBe('Hello @Grace ');
    press('Enter');
    await settle();
    expect(sent).toMatchObject([{ text: 'Hello @Grace', mentions: ['grace'] }]);
  });

  it('a caret that has left the name chooses nobody, and harms no text', async () => {
    write('Hello @Gr');
    composer.text.setSelectionRange(0, 0);
    press('Enter');
    await settle();
    expect(sent).toMatchObject([{ text: 'Hello @Gr', mentions: [] }]);
  });

  it('Shift+Tab leaves the text as it is', () => {
    write('Hello @Gr');
    expect(press('Tab', { shiftKey: true }).defaultPrevented).toBe(false);
    expect(composer.text.value).toBe('Hello @Gr');
  });

  it('nobody is chosen by the Enter that follows a choice, though the name of another begins with it', async () => {
    ui.people.meet({ id: 'lee', name: 'Grace Lee' }, false);
    ui.people.meet({ id: 'grace', name: 'Grace' }, false);
    write('@Grace');
    press('Enter');
    expect(composer.text.value).toBe('@Grace ');
    press('Enter');
    await settle();
    expect(sent).toMatchObject([{ text: '@Grace', mentions: ['grace'] }]);
  });

  it('of two names one of which begins with the other, the longer one is found by its second word', () => {
    ui.people.meet({ id: 'lee', name: 'Grace Lee' }, false);
    write('@Grace L');
    press('Enter');
    expect(composer.text.value).toBe('@Grace Lee ');
  });

  it('a name that was taken out again is not mentioned by a longer one that begins with it', async () => {
    write('@Grace');
    press('Enter');
    ui.people.meet({ id: 'gracie', name: 'Gracewell' }, false);
    write('@Gracew');
    press('Enter');
    write('@Gracewell hi');
    press('Enter');
    await settle();
    expect(sent).toMatchObject([{ text: '@Gracewell hi', mentions: ['gracie'] }]);
  });

  it('two of the same name are both mentioned', async () => {
    for (const id of ['grace', 'grace2']) {
      ui.people.meet({ id, name: 'Grace' }, false);
      write('@Grace');
      press('Enter');
    }
    press('Enter');
    await settle();
    expect(sent).toMatchObject([{ text: '@Grace', mentions: ['grace', 'grace2'] }]);
  });

  it('G3: those of a draft are in it again after an edit', async () => {
    write('@Gr');
    press('Enter');
    composer.edit(message);
    press('Escape');
    expect(composer.text.value).toBe('@Grace ');
    press('Enter');
    await settle();
    expect(sent).toMatchObject([{ text: '@Grace', mentions: ['grace'] }]);
  });
});

describe('what is pasted', () => {
  const picture = new File(['.'], 'picture.png', { type: 'image/png' });

  it('of an office program is the text, not the picture of it that comes along', () => {
    const event = paste(['text/plain', 'text/html', 'text/rtf', 'Files'], [picture]);
    expect([event.defaultPrevented, uploads]).toEqual([false, []]);
  });

  it.each([
    ['a picture', ['Files']],
    ['a picture of a page', ['text/html', 'Files']],
    ['a file with its name', ['text/plain', 'Files']],
  ])('is a file: %s', (_, types) => {
    const event = paste(types, [picture]);
    expect(event.defaultPrevented).toBe(true);
    expect(uploads).toHaveLength(1);
  });
});

describe('files on their way', () => {
  const files = (...names: string[]) => names.map((name) => new File(['.'], name)) as unknown as FileList;

  it('belong to the message that they were sent with, and to no other', async () => {
    composer.drop(files('a'));
    write('first');
    press('Enter');
    write('second');
    press('Enter');
    await settle();
    expect(sent.map(({ text }) => text)).toEqual(['second']);
    uploads[0]?.finish();
    await settle();
    expect(sent.map(names)).toEqual([[], ['a']]);
  });

  it('one that is added meanwhile is in the next message', async () => {
    composer.drop(files('a'));
    write('first');
    press('Enter');
    composer.drop(files('b'));
    for (const { finish } of uploads) finish();
    await settle();
    expect(sent.map(names)).toEqual([['a']]);
    write('second');
    press('Enter');
    await settle();
    expect(sent.map(names)).toEqual([['a'], ['b']]);
  });

  it('are seen until they are there, and so is the text that waits for them', async () => {
    composer.drop(files('a'));
    write('See this');
    press('Enter');
    const list = composer.element.querySelector<HTMLElement>('.uploads');
    expect([list?.hidden, list?.childElementCount, list?.firstChild?.textContent]).toEqual([
      false,
      2,
      'See this',
    ]);
    uploads[0]?.finish();
    await settle();
    expect([list?.hidden, list?.childElementCount]).toEqual([true, 0]);
  });

  it('G3: where one fails, the text and the others come back into the box, and are not sent without it', async () => {
    composer.drop(files('a', 'b'));
    write('Both plans');
    press('Enter');
    uploads[0]?.fail();
    uploads[1]?.finish();
    await settle();
    expect([sent, failures.length, composer.text.value]).toEqual([[], 1, 'Both plans']);
    press('Enter');
    await settle();
    expect(sent.map(({ text, files }) => [text, files.map(({ name }) => name)])).toEqual([
      ['Both plans', ['b']],
    ]);
  });

  it('one that is taken out while its text waits is left out', async () => {
    composer.drop(files('a'));
    write('Never mind the plan');
    press('Enter');
    composer.element.querySelector<HTMLButtonElement>('.upload button')?.click();
    await settle();
    expect(sent.map(({ text, files }) => [text, files])).toEqual([['Never mind the plan', []]]);
  });

  it('G3: go with their text, or without any, though the view was closed before they were there', async () => {
    composer.drop(files('a'));
    press('Enter');
    composer.drop(files('b'));
    write('See this');
    press('Enter');
    composer.drop(files('never sent'));
    composer.close();
    for (const { finish } of uploads) finish();
    await settle();
    expect(sent.map(({ text, files }) => [text, files.map(({ name }) => name)])).toEqual([
      ['', ['a']],
      ['See this', ['b']],
    ]);
  });

  it('one that was there already, and is taken out while its text waits for another, is left out', async () => {
    composer.drop(files('a', 'b'));
    write('One of two');
    press('Enter');
    uploads[0]?.finish();
    await settle();
    composer.element.querySelector<HTMLButtonElement>('.upload button')?.click();
    uploads[1]?.finish();
    await settle();
    expect(sent.map(names)).toEqual([['b']]);
  });
});

describe('a text that could not be sent', () => {
  const refused: Draft = { text: 'too long', mentions: [], files: [], replyTo: undefined };

  it('comes back above the one that was begun since', () => {
    write('next');
    composer.giveBack(refused);
    expect([composer.text.value, kept.at(-1)]).toEqual(['too long\nnext', 'too long\nnext']);
  });

  it.each(['saved', 'given up'])(
    'G3: answers what it answered, when the edit that came between is %s',
    async (how) => {
      composer.reply(message);
      write('Half an answer');
      composer.edit({ ...message, id: 'another' });
      composer.giveBack({ ...refused, text: 'Too late' });
      press(how === 'saved' ? 'Enter' : 'Escape');
      press('Enter');
      await settle();
      expect(sent).toMatchObject([{ text: 'Too late\nHalf an answer', replyTo: message }]);
    },
  );

  it('G3: as an edit is saved with the second Enter, unless it changes nothing', () => {
    composer.giveBack({ ...refused, text: 'Changed' }, message);
    press('Enter');
    composer.giveBack({ ...refused, text: message.text }, message);
    press('Enter');
    expect(edits).toEqual(['Changed']);
  });

  it('G3: does not come into the edit of another message, but after it', () => {
    write('next');
    composer.edit(message);
    composer.giveBack(refused);
    expect([composer.text.value, kept.at(-1)]).toEqual(['Before', 'too long\nnext']);
    press('Escape');
    expect(composer.text.value).toBe('too long\nnext');
  });
});
