import { ChatError, ChatRoom, type ChatRoomOptions } from 'momento-chat';
import type { Participant } from './fault-run.js';

/** A participant that uses this library. */
export class RoomParticipant implements Participant {
  readonly name: string;
  readonly transport: string;
  readonly room: ChatRoom;
  /** Ids that `message` events told of, to see that none is told twice. */
  readonly seen: string[] = [];
  /** How many errors the room told of, by code. */
  readonly errors = new Map<string, number>();
  /** How often a send failed, by code; each was tried again by hand, as a user does with a button. */
  readonly failures = new Map<string, number>();
  #coming: Promise<void> = Promise.resolve();

  /** `Room`: the `ChatRoom` of `momento-chat`, or that of `momento-chat/lite`. */
  constructor(
    options: Omit<ChatRoomOptions, 'user'> & { transport: string; Room?: typeof ChatRoom },
    name: string,
  ) {
    const { transport, Room = ChatRoom, ...rest } = options;
    this.name = name;
    this.transport = transport;
    this.room = new Room({ ...rest, user: { name } });
    this.room.on('message', ({ id }) => this.seen.push(id));
    this.room.on('error', ({ code }) => this.errors.set(code, (this.errors.get(code) ?? 0) + 1));
  }

  get connected(): boolean {
    return this.room.status === 'joined';
  }

  async send(text: string): Promise<void> {
    await this.#coming;
    let id: string | undefined;
    for (;;) {
      try {
        if (id === undefined) {
          const sending = this.room.send(text);
          id = this.room.messages.findLast((message) => message.text === text)?.id;
          await sending;
        } else await this.room.retry(id);
        return;
      } catch (error) {
        if (!(error instanceof ChatError)) throw error;
        this.failures.set(error.code, (this.failures.get(error.code) ?? 0) + 1);
        // Left with the message unsent: it failed, and is tried again by hand after coming back.
        await this.#coming;
        if (this.room.messages.find((message) => message.id === id)?.status === 'sent') return;
      }
    }
  }

  async shown(): Promise<readonly string[]> {
    while (this.room.hasOlder) await this.room.loadOlder(500);
    return this.room.messages.map(({ text }) => text);
  }

  watch(listener: (text: string) => void): void {
    this.room.on('message', ({ text }) => listener(text));
  }

  comeAgain(): Promise<void> {
    this.#coming = this.#coming.then(async () => {
      await this.room.leave();
      for (let attempt = 0; attempt < 20; attempt += 1) {
        try {
          await this.room.join();
          return;
        } catch {
          // A join in the midst of faults may fail; a user would press the button again.
        }
      }
    });
    return this.#coming;
  }

  leave(): Promise<void> {
    return this.room.leave();
  }
}
