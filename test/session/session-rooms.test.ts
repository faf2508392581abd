import { describe, expect, it } from 'vitest';
import type { DirectoryBody, JoinedRoom, SeenMessage } from '../../src/session/room-directory.js';
import { SessionRooms } from '../../src/session/session-rooms.js';
import { ChatError } from '../../src/shared/errors.js';

/** The face of a directory, and the loading of its code, which the test ends. `asked`: what reached the directory. */
function directory({ writes = false } = {}) {
  const asked: string[] = [];
  const loads: { done(): void; fail(): void }[] = [];
  const note = (what: string) => async () => void asked.push(what);
  const body: DirectoryBody = {
    list: [],
    create: async (name) => void asked.push(`create ${name}`),
    open: note('open'),
    close: note('close'),
    noticed: (_room, message) => void asked.push(`noticed ${message?.text}`),
    end: () => void asked.push('end'),
  };
  const load = () =>
    new Promise<DirectoryBody>((resolve, reject) => {
      loads.push({
        done: () => resolve(body),
        fail: () => reject(new ChatError('network', 'unable to open the directory; its code is not there')),
      });
    });
  return { rooms: new SessionRooms(load, { writes }), asked, loads };
}

const CLOSED = expect.objectContaining({ code: 'closed' });
const room = {} as JoinedRoom;
const message = (own: boolean): SeenMessage => {
  const author = { name: 'Ada' };
  return { own, id: '', text: 'hello', user: author, sentAt: new Date(0), status: 'sent' };
};

describe('the rooms of a session, while the code of the directory is loaded', () => {
  it('are the same attempt for all who open them meanwhile', async () => {
    const { rooms, asked, loads } = directory();
    const opening = [rooms.open(), rooms.open()];
    loads[0]?.done();
    await Promise.all(opening);
    expect([loads.length, asked]).toEqual([1, ['open']]);
  });

  it('stay open, whoever closed them again, until all who opened them have', async () => {
    const { rooms, asked, loads } = directory();
    const [chat, list] = [{}, {}];
    const opening = [rooms.open(), rooms.open(chat), rooms.open(list), rooms.open()];
    await rooms.close(chat);
    loads[0]?.done();
    await Promise.all(opening);
    for (const holder of [chat, undefined]) await rooms.close(holder);
    expect(asked).toEqual(['open']);
    await rooms.close(list);
    expect(asked).toEqual(['open', 'close']);
  });

  it('reject with `network` when it cannot be loaded, and load it again when they are opened again', async () => {
    const { rooms, asked, loads } = directory();
    const opening = rooms.open();
    loads[0]?.fail();
    await expect(opening).rejects.toMatchObject({ code: 'network' });
    const again = rooms.open();
    loads[1]?.done();
    await again;
    expect(asked).toEqual(['open']);
  });

  it('stay closed when they were closed meanwhile, and tell nobody', async () => {
    const { rooms, asked, loads } = directory();
    const opening = rooms.open();
    await rooms.close();
    loads[0]?.fail();
    await opening;
    expect(asked).toEqual([]);
  });

  it('G5: end what was loaded for a session that is closed by then', async () => {
    const { rooms, asked, loads } = directory();
    const opening = rooms.open();
    rooms.end();
    loads[0]?.done();
    await expect(opening).rejects.toEqual(CLOSED);
    expect(asked).toEqual(['end']);
    await expect(rooms.create('lobby')).rejects.toEqual(CLOSED);
  });

  it('hear what happens in a joined room as soon as it is there', async () => {
    const { rooms, asked, loads } = directory();
    const opening = rooms.open();
    rooms.entered(room);
    rooms.changed(room, message(false));
    loads[0]?.done();
    await opening;
    await expect.poll(() => asked).toContain('noticed hello');
  });
});

describe('the rooms of a session that nobody opened', () => {
  it.each([
    ['loads the directory for a message of its own', { writes: true, own: true }, 1],
    ['loads nothing for a message of somebody else', { writes: true, own: false }, 0],
    ['loads nothing where it writes no directory', { writes: false, own: true }, 0],
  ])('%s', async (_, { writes, own }, count) => {
    const { rooms, asked, loads } = directory({ writes });
    rooms.entered(room);
    rooms.changed(room, message(own));
    expect(loads).toHaveLength(count);
    for (const load of loads) load.done();
    await Promise.resolve();
    await expect.poll(() => asked).toHaveLength(count);
  });
});
