import type { ChatUser } from '../messages/message.js';
import type { Member } from './faces.js';

/** So many are remembered, those met last. */
const MAX_PEOPLE = 500;
/** So long a name can be mentioned, in UTF-16 code units. */
const MAX_NAME = 60;

/** The people met in a room, by user id: the authors of messages, and those who are there. */
export class People {
  readonly #names = new Map<string, string>();
  /** Set by whoever knows who is there: they come first. */
  present: () => readonly Omit<Member, 'userId'>[] = () => [];
  /** The id of the reader: nobody mentions themselves. */
  #own: string | undefined;

  meet({ id, name }: Readonly<ChatUser>, own: boolean): void {
    if (own) this.#own = id;
    if (id === undefined || name.length > MAX_NAME) return;
    this.#names.delete(id);
    this.#names.set(id, name);
    const [oldest] = this.#names.keys();
    if (this.#names.size > MAX_PEOPLE && oldest !== undefined) this.#names.delete(oldest);
  }

  nameOf(id: string): string | undefined {
    return this.#names.get(id) ?? this.present().find(({ user }) => user.id === id)?.user.name;
  }

  /** Returns the others whose name or a word of it begins with `start`: those here first, then those met last. */
  matching(start: string, max: number): { id: string; name: string }[] {
    for (const { user, own } of this.present()) this.meet(user, own);
    const wanted = start.toLocaleLowerCase();
    const here = new Set(this.present().map(({ user }) => user.id));
    return [...this.#names]
      .reverse()
      .map(([id, name]) => ({ id, name }))
      .filter(({ id, name }) => {
        const lower = name.toLocaleLowerCase();
        if (id === this.#own) return false;
        return lower.startsWith(wanted) || lower.includes(` ${wanted}`);
      })
      .sort((a, b) => Number(here.has(b.id)) - Number(here.has(a.id)))
      .slice(0, max);
  }
}
