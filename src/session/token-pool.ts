import { unable } from '../shared/errors.js';
import { obtainForAllowed } from './allowed-rooms.js';
import type { Environment } from './environment.js';
import { TokenProvider } from './token-provider.js';
import type { TokenSource } from './token-source.js';

/** Rooms that a token of `createTokenVendor()` has room for. */
export const ROOMS_PER_TOKEN = 5;

/** One token, and the rooms that are spoken for on it. */
export class SharedToken {
  readonly provider: TokenProvider;
  /** Takes no further room: one that is here may be why the vendor refuses those that join. */
  sealed = false;
  readonly #rooms = new Map<string, number>();
  #shared = false;

  constructor(provider: TokenProvider) {
    this.provider = provider;
  }

  /** How many rooms it holds. */
  get size(): number {
    return this.#rooms.size;
  }

  /** Whether there was ever more than one room: a refusal may be due to another. */
  get shared(): boolean {
    return this.#shared;
  }

  has(room: string): boolean {
    return this.#rooms.has(room);
  }

  add(room: string): void {
    this.#rooms.set(room, (this.#rooms.get(room) ?? 0) + 1);
    this.#shared ||= this.#rooms.size > 1;
  }

  remove(room: string): void {
    const count = this.#rooms.get(room) ?? 0;
    if (count > 1) {
      this.#rooms.set(room, count - 1);
      return;
    }
    this.#rooms.delete(room);
    // The room that the vendor refused may have gone with it.
    this.sealed = false;
  }
}

/**
 * Spreads the rooms of a session over as many tokens as they need: a room goes to the fullest token that has a place,
 * so that the others run empty, and the last room of a token takes it along (G5). Each token is renewed on its own (G4).
 */
export class TokenPool {
  readonly #source: TokenSource;
  readonly #environment: Environment;
  readonly #roomsPerToken: number;
  readonly #onRequest: (() => void) | undefined;
  readonly #tokens = new Set<SharedToken>();
  #closed = false;

  constructor(options: {
    source: TokenSource;
    environment: Environment;
    roomsPerToken?: number | undefined;
    /** A token is being asked for. */
    onRequest?: (() => void) | undefined;
  }) {
    this.#source = options.source;
    this.#environment = options.environment;
    this.#onRequest = options.onRequest;
    this.#roomsPerToken = options.roomsPerToken ?? ROOMS_PER_TOKEN;
  }

  /** How many rooms each token holds. */
  get sizes(): readonly number[] {
    return [...this.#tokens].map(({ size }) => size);
  }

  /** The wall clock, for who has no token yet. */
  now(): number {
    return this.#environment.scheduler.now();
  }

  /**
   * A place for the room: with itself where it is already, since two of one room need no more than one.
   *
   * @throws {@link ChatError} `closed`.
   */
  place(room: string): SharedToken {
    return this.#add(room, this.#find((token) => token.has(room)) ?? this.#fullest() ?? this.#open());
  }

  /**
   * A place on a token that is the room's alone, until its `sealed` is taken back.
   *
   * @param refused - Where it was refused together with others.
   * @throws {@link ChatError} `closed`.
   */
  placeApart(room: string, refused: SharedToken): SharedToken {
    const found = this.#find((token) => token !== refused && token.has(room));
    if (found !== undefined) return this.#add(room, found);
    const token = this.#open();
    token.sealed = true;
    return this.#add(room, token);
  }

  release(token: SharedToken, room: string): void {
    token.remove(room);
    token.provider.detach(room);
    if (token.size === 0) this.#tokens.delete(token);
  }

  /** The service answers again, for one of the tokens. */
  reached(): void {
    for (const { provider } of [...this.#tokens]) provider.reached();
  }

  close(): void {
    this.#closed = true;
    for (const { provider } of [...this.#tokens]) provider.close();
  }

  #add(room: string, token: SharedToken): SharedToken {
    if (this.#closed) throw unable('closed', 'go on', 'the session was closed');
    this.#tokens.add(token);
    token.add(room);
    return token;
  }

  #find(matches: (token: SharedToken) => boolean): SharedToken | undefined {
    return [...this.#tokens].find(matches);
  }

  #fullest(): SharedToken | undefined {
    let fullest: SharedToken | undefined;
    for (const token of this.#tokens) {
      if (token.sealed || token.size >= this.#roomsPerToken) continue;
      if (fullest === undefined || token.size > fullest.size) fullest = token;
    }
    return fullest;
  }

  #open(): SharedToken {
    const provider = new TokenProvider({
      source: this.#source,
      environment: this.#environment,
      onRequest: this.#onRequest,
      share: obtainForAllowed,
    });
    return new SharedToken(provider);
  }
}
