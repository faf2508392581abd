import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import '../../src/features/files.js';
import { ADA, Page } from '../ui/page.js';
import { part, showChat } from './shown-chat.js';

let page: Page;
beforeEach(() => {
  page = new Page();
});
afterEach(() => page.end());

/** One pixel. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

/** Tells of everything at once that it is in sight. */
class InSight {
  readonly #tell: (entries: { isIntersecting: boolean }[]) => void;

  constructor(tell: (entries: { isIntersecting: boolean }[]) => void) {
    this.#tell = tell;
  }

  observe(): void {
    queueMicrotask(() => this.#tell([{ isIntersecting: true }]));
  }

  unobserve(): void {}
  disconnect(): void {}
}

it.each([
  ['joined', 0],
  ['joined, which fails at first', 1],
])('a picture that is in sight before the room is %s is drawn once it is', async (_, failures) => {
  const room = page.room({ room: 'lobby', user: ADA });
  page.atEnd(() => room.leave());
  await page.join(room);
  const blob = new Blob([Buffer.from(PNG, 'base64')], { type: 'image/png' });
  const file = await page.result(room.files.upload(blob, { name: 'dot.png' }));
  await page.result(room.send('', { files: [file] }));
  await page.result(room.leave());
  vi.stubGlobal('IntersectionObserver', InSight);
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
  const drawn: Blob[] = [];
  vi.stubGlobal('createImageBitmap', async (picture: Blob) => {
    drawn.push(picture);
    return { width: 1, height: 1, close() {} };
  });
  page.atEnd(() => vi.unstubAllGlobals());
  const join = vi.spyOn(room, 'join');
  if (failures > 0)
    join.mockImplementationOnce(async () => {
      // The messages of the earlier visit are shown while it is tried.
      room.emit('change', room.messages);
      await undefined;
      throw new Error('no network');
    });
  const chat = await showChat(page, { room: room as never });
  if (failures > 0) {
    expect(drawn).toEqual([]);
    // Try again
    part(chat, '.notice button').click();
    await page.run(2000);
  }
  await vi.waitFor(() => expect(drawn).toHaveLength(1), { timeout: 30_000 });
  expect(part(chat, '.picture').ariaLabel).toContain('dot.png');
});

it('a picture that cannot be drawn hands its focus on to the file that stands for it', async () => {
  const room = page.room({ room: 'lobby', user: ADA });
  page.atEnd(() => room.leave());
  await page.join(room);
  const blob = new Blob([Buffer.from(PNG, 'base64')], { type: 'image/png' });
  const file = await page.result(room.files.upload(blob, { name: 'dot.png' }));
  await page.result(room.send('', { files: [file] }));
  let come = () => {};
  class Later extends InSight {
    override observe(): void {
      come = () => super.observe();
    }
  }
  vi.stubGlobal('IntersectionObserver', Later);
  vi.stubGlobal('createImageBitmap', () => Promise.reject(new Error('no picture')));
  page.atEnd(() => vi.unstubAllGlobals());
  const chat = await showChat(page, { room: room as never });
  part(chat, '.picture').focus();
  come();
  await page.run(2000);
  await vi.waitFor(() => expect(part(chat, '.file')).toBeDefined(), { timeout: 30_000 });
  expect(chat.shadowRoot?.activeElement).toBe(part(chat, '.file'));
});
