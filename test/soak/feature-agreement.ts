import type { ChatRoom, Message } from 'momento-chat';
import { decodeEntry } from '../../src/features/presence-entry.js';
import { decodeMark } from '../../src/features/read-state.js';
import { decodeRevision } from '../../src/features/revision.js';
import { decodeEvent } from '../../src/features/room-event.js';
import type { nodeClients } from '../support/chat.js';
import type { Act, FeatureUser } from './feature-user.js';

type Cache = ReturnType<typeof nodeClients>['cache'];
const CACHE = 'chat';

/** Everything that is stored of a room. */
export interface Stored {
  list: string[];
  threads: string[];
  revisions: Record<string, string>;
  pins: Record<string, string>;
  read: Record<string, string>;
  reactions: string[];
  presence: string[];
}

export async function readStored(cache: Cache, room: string, roots: readonly string[]): Promise<Stored> {
  const list = async (key: string) => (await cache.listFetch(CACHE, key)).value() ?? [];
  const dictionary = async (name: string): Promise<Record<string, string>> => {
    const answer = await cache.dictionaryFetch(CACHE, `${room}:${name}`);
    return answer.value() ?? {};
  };
  const set = async (name: string) =>
    ((await cache.sortedSetFetchByRank(CACHE, `${room}:${name}`)).value() ?? []).map(({ value }) => value);
  const [threads, main, revisions, pins, read, reactions, presence] = await Promise.all([
    Promise.all(roots.map((root) => list(`${room}:thread:${root}`))),
    list(room),
    dictionary('revisions'),
    dictionary('pins'),
    dictionary('read'),
    set('reactions'),
    set('presence'),
  ]);
  return { list: main, threads: threads.flat(), revisions, pins, read, reactions, presence };
}

const isLive = ({ status, deletedAt }: Message) => status === 'sent' && deletedAt === undefined;

/** The part of what one shows that all others in the room must show as well. */
export function viewOf({ room }: Pick<FeatureUser, 'room'>): Record<string, unknown> {
  const { messages, pinned, presence, read, typing } = room;
  return {
    messages: messages.filter(isLive).map((message) => ({
      id: message.id,
      text: message.text,
      meta: message.meta,
      user: message.user,
      editedAt: message.editedAt?.getTime(),
      reactions: message.reactions.map(({ emoji, count, users }) => `${emoji} ${count} ${users}`),
      // The author of a deleted message is known only to those who were there.
      replyTo:
        message.replyTo?.state === 'deleted'
          ? { state: 'deleted', text: message.replyTo.text }
          : message.replyTo,
      thread: message.thread && {
        replyCount: message.thread.replyCount,
        participants: message.thread.participants.map(({ id }) => id).sort(),
      },
    })),
    pinned: pinned.map(({ id, text }) => ({ id, text })),
    present: presence.members.map(({ userId, connections, data }) => ({ userId, connections, data })),
    receipts: [...read.receipts].sort(),
    typing: typing.users,
  };
}

/** Errors in what one shows by itself: in what is `mine`, in what was deleted, in what is not sent. */
export function troublesOf({ name, room, userId }: Pick<FeatureUser, 'name' | 'room' | 'userId'>): string[] {
  const troubles: string[] = [];
  for (const { id, status, text, deletedAt, reactions, replyTo } of room.messages) {
    if (status !== 'sent') troubles.push(`${name}: ${text} is ${status}`);
    if (deletedAt !== undefined && text !== '')
      troubles.push(`${name}: ${id} was deleted, and shows ${text}`);
    for (const { emoji, mine, users } of reactions)
      if (mine !== users.includes(userId)) troubles.push(`${name}: ${emoji} of ${id} is mine: ${mine}`);
    if (replyTo?.state === 'deleted' && replyTo.text !== '') troubles.push(`${name}: quotes ${replyTo.text}`);
  }
  return troubles;
}

/** Where storage differs from what is shown. */
export function differencesOf(stored: Stored, { room }: { room: ChatRoom }, acts: readonly Act[]): string[] {
  const found: string[] = [];
  const differ = (what: string, a: unknown, b: unknown) => {
    const [stored, shown] = [JSON.stringify(a), JSON.stringify(b)];
    if (stored !== shown) found.push(`${what}: stored ${stored}, shown ${shown}`);
  };
  const live = room.messages.filter(isLive);
  const ids = new Set(live.map(({ id }) => id));
  const listed = stored.list.map((value) => String(JSON.parse(value).id));
  differ('messages', [...new Set(listed)].sort(), [...ids].sort());
  for (const { id, text, editedAt } of live) {
    const value = stored.revisions[id];
    const event = value === undefined ? undefined : decodeEvent(value, 1e6);
    const revision = event && decodeRevision(event)?.revision;
    if (editedAt !== undefined) differ(`edit of ${id}`, revision?.content?.text, text);
    else if (revision !== undefined) found.push(`${id} is revised in storage, and is not where it is shown`);
  }
  const reactions = stored.reactions.filter((element) => ids.has(element.slice(0, 36)));
  const shown = live.flatMap(({ id, reactions }) =>
    reactions.flatMap(({ emoji, users }) => users.map((user) => `${id} ${emoji} =${user}`)),
  );
  const bare = (elements: readonly string[]) => elements.map((one) => one.replaceAll('\uFE0F', '')).sort();
  differ('reactions', bare(reactions), bare(shown));
  const pins = Object.entries(stored.pins).filter(([id, value]) => ids.has(id) && !JSON.parse(value).off);
  differ('pins', pins.map(([id]) => id).sort(), room.pinned.map(({ id }) => id).sort());
  const marks = Object.entries(stored.read).map(([user, value]) => [
    user,
    decodeMark(value, Date.now())?.read,
  ]);
  differ('receipts', marks.filter(([, read]) => read !== '').sort(), [...room.read.receipts].sort());
  const present = stored.presence.map((value) => decodeEntry(value)?.user.id);
  differ('presence', [...new Set(present)].sort(), room.presence.members.map(({ userId }) => userId).sort());
  const gone = new Set(acts.filter(({ id, kind }) => kind === 'send' && !ids.has(id)).map(({ id }) => id));
  const everything = JSON.stringify(stored);
  for (const { id, kind, value } of acts)
    if (gone.has(id) && (kind === 'send' || kind === 'edit') && everything.includes(value))
      found.push(`${value} of a deleted message is stored`);
  return found;
}

/** Promises that were broken. Of several acts on one subject the last counts, if it began when all others had ended. */
export function brokenPromises(acts: readonly Act[], { room }: { room: ChatRoom }): string[] {
  const broken: string[] = [];
  const shown = new Map(room.messages.filter(isLive).map((message) => [message.id, message]));
  const deletions = acts.filter(({ kind }) => kind === 'delete');
  for (const { kind, id, value, outcome } of acts) {
    if (outcome === 'pending') broken.push(`${kind} ${value} never ended`);
    if (outcome !== 'resolved') continue;
    if (kind === 'delete' && shown.has(id)) broken.push(`${id} was deleted, and is there`);
    if (kind === 'send' && !shown.has(id) && !deletions.some((deletion) => deletion.id === id))
      broken.push(`${value} is lost`);
  }
  const bySubject = new Map<string, Act[]>();
  for (const act of acts) {
    const about = `${act.kind} ${act.subject}`;
    bySubject.set(about, [...(bySubject.get(about) ?? []), act]);
  }
  for (const [about, all] of bySubject) {
    const last = all.at(-1);
    const message = last && shown.get(last.id);
    if (last?.outcome !== 'resolved' || message === undefined) continue;
    if (all.some((act) => act !== last && (act.endedAt >= last.startedAt || act.outcome === 'rejected')))
      continue;
    const [, emoji = '', user = ''] = last.subject.split(' ');
    const reaction = message.reactions.find((one) => one.emoji === emoji);
    const isSo = {
      edit: () => message.text === last.value,
      react: () => (reaction?.users.includes(user) === true) === (last.value === 'on'),
      pin: () => room.pinned.some(({ id }) => id === last.id) === (last.value === 'on'),
      mark: () => (room.read.receipts.get(last.subject) ?? '') >= last.value,
      reply: () => (message.thread?.replyCount ?? 0) > 0,
    }[last.kind];
    if (isSo?.() === false) broken.push(`${about}: ${last.value} was acknowledged, and is not so`);
  }
  return broken;
}
