import { JSDOM } from 'jsdom';
import { afterEach, expect, it, vi } from 'vitest';
import { ChatRoom } from '../../src/lite-room.js';
import { ChatSession } from '../../src/lite-session.js';
import { requestToken } from '../../src/session/token-source.js';
import { VirtualTime } from '../support/virtual-time.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** The URL that is asked for a token from a page. */
async function asked(source: string | URL, page: { location?: { href: string }; document?: unknown }) {
  const urls: string[] = [];
  vi.stubGlobal('location', page.location);
  vi.stubGlobal('document', page.document);
  vi.stubGlobal('fetch', async (url: string) => {
    urls.push(url);
    return Response.json({ token: 't', exp: 1 });
  });
  const request = { rooms: ['a b'], reason: 'join' as const, signal: new AbortController().signal };
  await requestToken(source, request, new VirtualTime());
  return urls[0];
}

it('a relative token URL goes by <base>, as fetch does', async () => {
  const { window } = new JSDOM('<base href="/app/">', { url: 'https://chat.example/deep/page' });
  expect(await asked('token', window)).toBe('https://chat.example/app/token?room=a+b');
  expect(await asked('/token?x=1', window)).toBe('https://chat.example/token?x=1&room=a+b');
});

it('a relative token URL goes by the page around it in a frame without an address', async () => {
  const frame = { location: { href: 'about:srcdoc' }, document: { baseURI: 'https://chat.example/page' } };
  expect(await asked('/token', frame)).toBe('https://chat.example/token?room=a+b');
});

it('a relative token URL goes by the address in a worker', async () => {
  const worker = { location: { href: 'https://chat.example/worker.js' } };
  expect(await asked('/token', worker)).toBe('https://chat.example/token?room=a+b');
});

it.each([
  ['https://ada:secret@[chat.example/token?key=secret', 'https://[chat.example/token'],
  ['//ada:secret@[chat.example/token#secret', '//[chat.example/token'],
  ['http:ada:secret@:x/token', ':x/token'],
])('a token URL that is none is named without its secrets: %s', async (source, name) => {
  const asking = asked(source, { location: { href: 'https://chat.example/' } });
  await expect(asking).rejects.toMatchObject({
    code: 'invalid-argument',
    message: `unable to get a token; the token endpoint ${name} is no URL that can be fetched here`,
  });
  // The engine's error quotes it whole.
  await expect(asking).rejects.not.toHaveProperty('cause');
});

it.each(['https://ada:secret@chat.example/token?key=secret', 'https://secret@chat.example/token'])(
  'a token URL with credentials is refused at once, without naming them: %s',
  async (source) => {
    const asking = asked(source, { location: { href: 'https://chat.example/' } });
    await expect(asking).rejects.toMatchObject({
      code: 'invalid-argument',
      message:
        'unable to get a token; the token endpoint https://chat.example/token is no URL that can be fetched here',
    });
    await expect(asking).rejects.not.toHaveProperty('cause');
  },
);

it.each([
  'ftp://ada:secret@chat.example/token?key=secret',
  'https://ada:secret@[chat.example/token?key=secret',
  `eyJ${'secret'.repeat(30)}.eyJ${'secret'.repeat(30)}.x-_=`,
  '',
])('a room or a session refuses %s as its token source, and tells nothing of it', (token) => {
  const expected = expect.objectContaining({
    code: 'invalid-argument',
    message: expect.stringMatching(/^unable to [a-z ]+; `token` must be a function or an HTTP URL$/),
  });
  expect(() => new ChatRoom({ room: 'r', user: { name: 'Ada' }, token })).toThrow(expected);
  expect(() => new ChatSession({ token })).toThrow(expected);
});
