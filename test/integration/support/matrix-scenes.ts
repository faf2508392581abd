import { ChatRoom, ChatSession } from 'momento-chat';
import * as lite from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { expect, vi } from 'vitest';
import { nodeClients, rootToken } from '../../support/chat.js';
import type { MatrixFeature, Person, Scene, Stage } from './matrix-features.js';

const LITE = lite as unknown as { ChatRoom: typeof ChatRoom; ChatSession: typeof ChatSession };
export const TRANSPORTS = { web: { ChatRoom, ChatSession }, lite: LITE };
export type TransportName = keyof typeof TRANSPORTS;

const CACHE = 'chat';
const WAIT = { timeout: 12_000, interval: 25 };
const PATIENCE = { timeoutMs: 30_000 };

/** Plays scenes of one feature through one transport, each in a room of its own. */
export class MatrixStage {
  readonly #momento: LocalMomento;
  readonly #transport: TransportName;
  readonly #feature: MatrixFeature;
  readonly #people: Person[] = [];
  readonly #leaving: Promise<void>[] = [];

  private constructor(momento: LocalMomento, transport: TransportName, feature: MatrixFeature) {
    this.#momento = momento;
    this.#transport = transport;
    this.#feature = feature;
  }

  static async open(transport: TransportName, feature: MatrixFeature): Promise<MatrixStage> {
    const momento = await startLocalMomento({ caches: [CACHE], limits: { subscriptions: 1000 } });
    return new MatrixStage(momento, transport, feature);
  }

  async close(): Promise<void> {
    await Promise.all(this.#leaving);
    await this.#momento.close();
  }

  /** Rejects when the scene does not end as it must. */
  async play(scene: Scene): Promise<void> {
    const name = scene.replaceAll(' ', '-');
    const { faults } = this.#momento;
    const { topic = () => `${name}:events`, writes = 'Publish', repeat } = this.#feature;
    const ada = await this.#enter(name, 'ada');
    const bob = await this.#enter(name, 'bob');
    const { id } = await ada.room.send('hello', { meta: { kept: true } });
    await expect.poll(() => bob.room.messages.map((message) => message.id), WAIT).toEqual([id]);
    const stage: Stage = { name, ada, bob, id };
    try {
      if (scene === 'out of order') return await this.#outOfOrder(stage);
      if (scene === 'reconnect') faults.dropConnections();
      if (scene === 'event lost') faults.losePublishes(1, { topic: topic(name), numbered: false });
      if (scene === 'answer lost') faults.dropResponses({ rpc: writes, times: 1 });
      if (scene === 'refused') faults.failNext({ rpc: writes, code: 'UNAVAILABLE', times: 2 });
      await this.#feature.act(stage);
      // Whatever was lost shows with the next reading.
      if (scene === 'event lost') faults.dropConnections();
      const lookers = scene === 'reload' ? [await this.#reload(stage)] : [ada, bob];
      // Nobody sees themselves typing.
      await this.#seen(stage, repeat === undefined ? lookers : [bob], this.#feature.expected);
    } finally {
      faults.reset();
      this.#leaving.push(this.#leave());
    }
  }

  /** The events of the first of two changes come once more, at the end, to somebody who has not heard of them. */
  async #outOfOrder(stage: Stage): Promise<void> {
    const { order } = this.#feature;
    if (order === undefined) throw new Error('unable to play; the feature has no order');
    const events = `${stage.name}:events`;
    const topic = (order.topic ?? this.#feature.topic)?.(stage.name) ?? events;
    const { topics, cache } = nodeClients(this.#momento);
    const heard: string[] = [];
    const subscription = await vi.waitFor(async () => {
      const answer = await topics.subscribe(CACHE, topic, {
        onItem: (item) => heard.push(item.valueString()),
        onError: () => {},
      });
      if (!('unsubscribe' in answer)) throw new Error(`unable to subscribe: ${answer.message()}`);
      return answer;
    }, WAIT);
    try {
      await order.first(stage);
      await expect.poll(() => heard.length, WAIT).toBeGreaterThan(0);
      const early = [...heard];
      await order.second(stage);
      const fresh = await this.#enter(stage.name, 'carl');
      await this.#seen(stage, [stage.bob, fresh], order.see);
      for (const value of early) await topics.publish(CACHE, topic, value);
      const ended = fresh.signals.length;
      if (topic === events) {
        await stage.ada.room.signal('end', {});
        await expect.poll(() => fresh.signals.length, WAIT).toBeGreaterThan(ended);
      }
      await this.#seen(stage, [stage.bob, fresh], order.see);
    } finally {
      subscription.unsubscribe();
      cache.close();
    }
  }

  async #seen(stage: Stage, people: readonly Person[], expected: unknown): Promise<void> {
    const { see, repeat } = this.#feature;
    for (const who of people)
      await expect
        .poll(async () => {
          repeat?.(stage);
          return see(who, stage);
        }, WAIT)
        .toEqual(expected);
  }

  async #reload({ name, bob }: Stage): Promise<Person> {
    await bob.room.leave();
    return this.#enter(name, 'bob');
  }

  async #enter(name: string, id: string): Promise<Person> {
    const entry = TRANSPORTS[this.#transport];
    const session = new entry.ChatSession({
      token: rootToken(this.#momento),
      ...(this.#feature.name === 'directory' ? { directory: 'rooms' } : {}),
    });
    const room = new entry.ChatRoom({ room: name, user: { id, name: id }, session, retry: PATIENCE });
    const signals: string[] = [];
    const person: Person = { room, session, signals };
    this.#people.push(person);
    room.on('signal', ({ type, data }) => signals.push(`${type} ${data.pips}`));
    if (this.#feature.event !== undefined) room.on(this.#feature.event, () => {});
    await room.join();
    if (this.#feature.name === 'directory') await session.rooms.open();
    return person;
  }

  async #leave(): Promise<void> {
    await Promise.all(
      this.#people.splice(0).map(async ({ room, session }) => {
        await session.rooms.close();
        await room.leave();
        await session.close();
      }),
    );
  }
}
