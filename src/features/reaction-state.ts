import type { Reaction } from '../messages/message.js';
import { shownEmoji } from './emoji.js';

/** The known state of one emoji of one user. */
export interface Mark {
  readonly on: boolean;
  /** Id of the change; empty for what was read. */
  readonly version: string;
  /** Place of the emoji among those of its message: 0 for the first one used. */
  readonly rank: number;
}

/** So many different emoji are shown under a message, the first by rank. */
export const MAX_DIFFERENT = 50;
export const MAX_RANK = 63;
export const NO_REACTIONS: readonly Reaction[] = [];
const MAX_USERS = 20;

/** The reactions to one message. An element is `<emoji> <user key>`; an emoji holds no space. */
export class MessageReactions {
  /** When it was read last, by the hybrid clock (ms): an older event may be older than what was read. */
  readAt = 0;
  /** So many readings in a row held only some of its reactions. */
  partly = 0;
  /** Changes of the room's own user that are not stored yet, by emoji. */
  readonly intended = new Map<string, Pick<Mark, 'on' | 'rank'>>();
  #marks = new Map<string, Mark & { readonly step: number }>();
  /** The number of the reading that the marks are from. */
  #readStep = 0;
  #shown = NO_REACTIONS;

  get shown(): readonly Reaction[] {
    return this.#shown;
  }

  /** How many marks there are. */
  get size(): number {
    return this.#marks.size;
  }

  get(element: string): Mark | undefined {
    return this.#marks.get(element);
  }

  /** `step`: changes and readings are numbered in one row. */
  set(element: string, mark: Mark & { readonly step: number }): void {
    this.#marks.set(element, mark);
  }

  /**
   * Takes over what storage holds, ranks by element. Elements that changed since that reading began stay as they are. False
   * where one that began later is done already.
   */
  replace(stored: ReadonlyMap<string, number> | undefined, step: number): boolean {
    if (this.#readStep > step) return false;
    this.#readStep = step;
    this.#marks = new Map([...this.#marks].filter(([, mark]) => mark.step > step));
    for (const [element, rank] of stored ?? [])
      if (!this.#marks.has(element)) this.set(element, { on: true, version: '', rank, step });
    return true;
  }

  /** The place for an emoji that is added: where it stands already, or behind all others. */
  rankFor(emoji: string): number {
    const groups = this.#groups('');
    const last = Math.max(-1, ...[...groups.values()].map(({ rank }) => rank));
    return groups.get(emoji)?.rank ?? Math.min(last + 1, MAX_RANK);
  }

  /** Works out what is shown; whether that is something else than before. `own` is the key of the room's own user. */
  show(own: string): boolean {
    const shown = [...this.#groups(own)]
      .sort(([a, { rank }], [b, other]) => rank - other.rank || (a < b ? -1 : 1))
      .slice(0, MAX_DIFFERENT)
      .map(([emoji, { users }]) => ({
        emoji: shownEmoji(emoji),
        count: users.size,
        mine: users.has(own),
        users: [...users].sort().slice(0, MAX_USERS).map(withoutMark),
        clipped: users.size > MAX_USERS,
      }));
    if (JSON.stringify(shown) === JSON.stringify(this.#shown)) return false;
    this.#shown = shown.length === 0 ? NO_REACTIONS : shown;
    return true;
  }

  #groups(own: string): Map<string, { rank: number; users: Set<string> }> {
    const groups = new Map<string, { rank: number; users: Set<string> }>();
    const add = (emoji: string, user: string, rank: number) => {
      const group = groups.get(emoji) ?? { rank, users: new Set() };
      groups.set(emoji, group);
      group.rank = Math.min(group.rank, rank);
      group.users.add(user);
    };
    for (const [element, { on, rank }] of this.#marks) {
      const [emoji, user] = partsOf(element);
      if (user === own && this.intended.has(emoji)) continue;
      if (on) add(emoji, user, rank);
    }
    for (const [emoji, { on, rank }] of this.intended) if (on) add(emoji, own, rank);
    return groups;
  }
}

/** Returns emoji and user key of an element. */
export function partsOf(element: string): [emoji: string, user: string] {
  const end = element.indexOf(' ');
  return [element.slice(0, end), element.slice(end + 1)];
}

/** An id as it is; a name with its mark, so that no id looks like it by chance. */
function withoutMark(key: string): string {
  return key.startsWith('=') ? key.slice(1) : key;
}
