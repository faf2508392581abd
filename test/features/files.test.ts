import { afterEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import type { FileRef } from '../../src/messages/message.js';
// Loaded ahead: virtual time stands still meanwhile.
import '../../src/features/files.js';
import '../../src/shared/image-size.js';
import { type InProcessWorld, inProcessWorld, type WorldRoomOptions } from '../support/in-process-rooms.js';

let world: InProcessWorld;
afterEach(() => world.end());

async function joined(options: Partial<WorldRoomOptions> = {}): Promise<ChatRoom> {
  world = inProcessWorld();
  const room = world.room({ room: 'lobby', user: { id: 'ada', name: 'ada' }, ...options });
  await world.join(room);
  return room;
}

/** A step on virtual time, and one for the platform, which reads a Blob in its own. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  let done = false;
  const end = () => {
    done = true;
  };
  promise.then(end, end);
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve));
    await world.run(10);
  }
  return promise;
}

const bytes = (size: number) => Uint8Array.from({ length: size }, (_, index) => index % 251);

describe('files', () => {
  it('come back as they were, from another client too, with progress and a name that harms nobody', async () => {
    const room = await joined();
    const done: number[] = [];
    const blob = new Blob([bytes(70_000)], { type: 'image/PNG; charset=x' });
    const name = '../a\u202egnp.exe\n';
    const ref = await settled(room.files.upload(blob, { name, onProgress: (part) => done.push(part) }));
    expect(ref).toEqual({ id: ref.id, name: '..agnp.exe', type: 'image/png', size: 70_000 });
    expect(done).toEqual([0, 1]);
    const bob = world.room({ room: 'lobby', user: { name: 'bob' } });
    await world.join(bob);
    const copy = await settled(bob.files.download(ref));
    expect(copy.type).toBe('image/png');
    expect(new Uint8Array(await copy.arrayBuffer())).toEqual(bytes(70_000));
  });

  it('have a name that fits into a message, and no half of a character in it', async () => {
    const room = await joined();
    const ref = await settled(room.files.upload(new Blob(['x']), { name: `a${'😀'.repeat(200)}` }));
    expect(ref.name).toBe(`a${'😀'.repeat(99)}`);
    const { files } = await world.result(room.send('', { files: [ref] }));
    expect(files).toEqual([ref]);
  });

  it('are sent with a message, whose text is their names where none was given', async () => {
    const room = await joined();
    const ref = await settled(room.files.upload(new Blob(['hi'], { type: 'text/plain' }), { name: 'a.txt' }));
    const message = await world.result(room.send('', { files: [ref] }));
    expect(message).toMatchObject({ text: 'a.txt', files: [ref] });
    expect(JSON.parse(world.list('lobby')[0] ?? '')).toMatchObject({ message: 'a.txt' });
    await expect(room.send('', { files: [] })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('never have a type that a browser would run', async () => {
    const room = await joined();
    for (const type of ['text/html', 'image/svg+xml', 'application/xhtml+xml', 'text/javascript', '']) {
      const ref = await settled(room.files.upload(new Blob(['<script>'], { type })));
      expect((await settled(room.files.download(ref))).type).toBe('application/octet-stream');
      const claimed = await settled(room.files.download({ ...ref, type: 'image/png\r\nx: text/html' }));
      expect(claimed.type).toBe('application/octet-stream');
    }
  });

  it.each<[string, (ref: FileRef) => FileRef]>([
    ['of another size', (ref) => ({ ...ref, size: ref.size + 1 })],
    ['that is not there', (ref) => ({ ...ref, id: 'nothing' })],
    ['whose id leads elsewhere', (ref) => ({ ...ref, id: '../revisions' })],
  ])('refuse one %s', async (_, change) => {
    const room = await joined();
    const ref = await settled(room.files.upload(new Blob(['hi'])));
    await expect(settled(room.files.download(change(ref)))).rejects.toMatchObject({
      code: 'server',
      retryable: false,
    });
  });

  it('are refused beyond the limit, and when there is nothing in them', async () => {
    const room = await joined({ maxFileBytes: 100 });
    await expect(settled(room.files.upload(new Blob([bytes(101)])))).rejects.toMatchObject({
      code: 'message-too-large',
    });
    await expect(settled(room.files.upload(new Blob([])))).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    await settled(room.files.upload(new Blob([bytes(100)])));
    expect(() => world.room({ room: 'a', user: { name: 'a' }, maxFileBytes: 5_000_000 })).toThrow(
      /maxFileBytes/,
    );
  });

  it('that cannot be read are refused as such, and not tried again', async () => {
    const room = await joined();
    const blob = new Blob(['gone']);
    blob.arrayBuffer = () => Promise.reject(new DOMException('it was moved', 'NotReadableError'));
    await expect(settled(room.files.upload(blob))).rejects.toMatchObject({
      code: 'invalid-argument',
      retryable: false,
      message: 'unable to upload the file; it cannot be read',
    });
  });

  it('stop being tried when the app cancels', async () => {
    const room = await joined();
    world.clientOf(room).link.fates = (rpc) => (rpc === 'Set' ? { outcome: 'request-lost' } : undefined);
    const cancel = new AbortController();
    const uploading = room.files.upload(new Blob(['hi']), { signal: cancel.signal });
    await world.run(100);
    cancel.abort();
    await expect(settled(uploading)).rejects.toMatchObject({ code: 'closed' });
  });

  describe('end at once when the app cancels', () => {
    /** Whether it settles within 100 ms of virtual time, with `closed`. */
    const isCancelled = async (promise: Promise<unknown>) => {
      let code: unknown;
      promise.catch((problem) => {
        code = problem.code;
      });
      await world.run(100);
      expect(code).toBe('closed');
    };
    const offline = (room: ChatRoom) => {
      const { link } = world.clientOf(room);
      link.connected = false;
      link.cut('told');
      return link;
    };

    it('while the connection is lost, and nothing is sent later', async () => {
      const room = await joined();
      const ref = await settled(room.files.upload(new Blob(['hi'])));
      const link = offline(room);
      await world.run(1000);
      const cancel = new AbortController();
      const { signal } = cancel;
      const both = [room.files.upload(new Blob(['hi']), { signal }), room.files.download(ref, { signal })];
      for (const promise of both) promise.catch(() => {});
      for (let step = 0; step < 20; step += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        await world.run(100);
      }
      cancel.abort();
      for (const promise of both) await isCancelled(promise);
      const { Set: sets, Get: gets } = link.calls;
      expect(sets).toBe(1);
      link.connected = true;
      await world.run(60_000);
      expect(room.status).toBe('joined');
      expect([link.calls.Set, link.calls.Get]).toEqual([sets, gets]);
    });

    it("in the app's own store, which may take no notice, and does not begin when it is too late", async () => {
      let begun = 0;
      const never = () => {
        begun += 1;
        return new Promise<never>(() => {});
      };
      const room = await joined({ upload: { upload: never, resolveUrl: never } });
      const cancel = new AbortController();
      const { signal } = cancel;
      const ref = { id: 'a', name: 'a', type: 'text/plain', size: 2 };
      const both = [room.files.upload(new Blob(['hi']), { signal }), room.files.download(ref, { signal })];
      for (const promise of both) promise.catch(() => {});
      await world.run(100);
      cancel.abort();
      for (const promise of both) await isCancelled(promise);
      expect(begun).toBe(2);
      await isCancelled(room.files.upload(new Blob(['hi']), { signal }));
      await isCancelled(room.files.download(ref, { signal }));
      expect(begun).toBe(2);
    });
  });

  it("go to the app's own place where there is one", async () => {
    const stored = new Map<string, Blob>();
    const room = await joined({
      upload: {
        upload: async (blob, { name, onProgress }) => {
          onProgress?.(0.5);
          stored.set(name, blob);
          return { id: name };
        },
        resolveUrl: async ({ id, type }) =>
          `data:${type};base64,${btoa((await stored.get(id)?.text()) ?? '')}`,
      },
    });
    const done: number[] = [];
    const ref = await settled(
      room.files.upload(new Blob(['hi'], { type: 'text/plain' }), {
        name: 'a',
        onProgress: (part) => done.push(part),
      }),
    );
    expect(ref).toEqual({ id: 'a', name: 'a', type: 'text/plain', size: 2 });
    expect(done).toEqual([0, 0.5, 1]);
    expect(await (await settled(room.files.download(ref))).text()).toBe('hi');
    expect(world.calls.Set).toBeUndefined();
  });

  const webp = '52494646f601000057454250';
  it.each([
    ['png', '89504e470d0a1a0a0000000d494844520000000700000005'],
    ['gif', '474946383961070005000000002c00000000070005000002'],
    ['jpeg', 'ffd8ffe000104a46494600010100000100010000ffc00011080005000703'],
    ['webp', `${webp}5650385828000000a0000000060000040000`],
    ['webp', `${webp}56503820280000009001009d012a07000500`],
    ['webp', `${webp}5650384c0f0000002f06000100`],
  ])('have their size in pixels where nothing decodes images: %s', async (type, header) => {
    const room = await joined();
    const upload = (hex: string) =>
      settled(room.files.upload(new Blob([Buffer.from(hex, 'hex')], { type: `image/${type}` })));
    expect(await upload(header)).toMatchObject({ width: 7, height: 5 });
    expect(await upload(header.slice(0, 18))).not.toHaveProperty('width');
    expect(await upload('00'.repeat(64))).not.toHaveProperty('width');
  });
});
