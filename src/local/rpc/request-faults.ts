import { failureCode, MomentoError } from '../status.js';
import { type ResponseStream, rpcName } from './rpc.js';

/** How many sessions are remembered: the tests of a run, not a server's life. */
const MOST_SESSIONS = 1024;

/** Names by which Momento's tests mean calls whose own names are others. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  Publish: ['topic-publish'],
  Subscribe: ['topic-subscribe'],
  ListErase: ['list-erase', 'list-remove'],
  SetIfNotExists: ['set-if-not-exists', 'set-if'],
};

/** The part of a call that faults are read from. */
interface FaultyCall {
  path: string;
  metadata(name: string): string | undefined;
}

/**
 * Faults that come as metadata with the calls they are for, as Momento's own retry tests send them. Counts are kept
 * per `request-id`, which is the same in all calls of one test, and per call.
 */
export class RequestFaults {
  /** How often a fault was used, by the session and then by fault and call. */
  readonly #sessions = new Map<string, Map<string, number>>();
  /** The calls that each of their names stands for. */
  readonly #named = new Map<string, Set<string>>();

  /** @param rpcs - The calls that there are, by their own names. */
  constructor(rpcs: Iterable<string>) {
    for (const rpc of rpcs) {
      const kebab = rpc.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
      for (const name of [rpc, kebab, ...(OTHER_NAMES[rpc] ?? [])]) {
        this.#named.set(name, (this.#named.get(name) ?? new Set()).add(rpc));
      }
    }
  }

  /** Milliseconds that the call has to wait: `delay-ms`, `delay-rpcs`, `delay-count`. */
  delay(call: FaultyCall): number {
    const ms = wholeNumber(call, 'delay-ms');
    return ms !== undefined && this.#applies(call, 'delay') ? ms : 0;
  }

  /** Returns the error to answer the call with instead of doing it: `return-error`, `error-rpcs`, `error-count`. */
  failure(call: FaultyCall): MomentoError | undefined {
    const error = errorIn(call, 'return-error');
    return error && this.#applies(call, 'error') ? error : undefined;
  }

  /**
   * The stream, ended with `stream-error` after `stream-error-message-limit` messages (default 0: at once) when
   * `stream-error-rpcs` names the call. Heartbeats are messages too.
   */
  breaking(call: FaultyCall, outlet: ResponseStream): ResponseStream {
    const error = errorIn(call, 'stream-error');
    if (!error || !this.#names(call, 'stream-error-rpcs')) return outlet;
    let left = wholeNumber(call, 'stream-error-message-limit') ?? 0;
    if (left === 0) throw error;
    return {
      write(message) {
        if (left === 0) return false;
        const goesOn = outlet.write(message);
        if (--left === 0) outlet.end(error);
        return goesOn;
      },
      end: (reason) => outlet.end(reason),
      onDrain: (callback) => outlet.onDrain(callback),
      onClose: (callback) => outlet.onClose(callback),
    };
  }

  /** Whether the call is named, and its session has some of the fault left; without a count it never ends. */
  #applies(call: FaultyCall, fault: 'delay' | 'error'): boolean {
    if (!this.#names(call, `${fault}-rpcs`)) return false;
    const most = wholeNumber(call, `${fault}-count`);
    if (most === undefined) return true;
    const session = this.#session(call.metadata('request-id') ?? '');
    const key = `${fault} ${rpcName(call.path)}`;
    const used = session.get(key) ?? 0;
    session.set(key, used + 1);
    return used < most;
  }

  /** Whether the list in that metadata names the call, as `list-push-front` or `ListPushFront`. */
  #names(call: FaultyCall, list: string): boolean {
    const written = (call.metadata(list) ?? '').split(/[\s,]+/).filter((name) => name !== '');
    const named = written.flatMap((name) => {
      const rpcs = this.#named.get(name);
      if (!rpcs) throw misused(list, `'${name}' is no call that is served here`);
      return [...rpcs];
    });
    return named.includes(rpcName(call.path));
  }

  #session(id: string): Map<string, number> {
    const session = this.#sessions.get(id) ?? new Map<string, number>();
    // Last again, so that the one to be forgotten is the one that was silent for longest.
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= MOST_SESSIONS) break;
      this.#sessions.delete(oldest);
    }
    return session;
  }
}

function errorIn(call: FaultyCall, name: string): MomentoError | undefined {
  const text = call.metadata(name);
  if (text === undefined || text === '') return undefined;
  const code = failureCode(text);
  // A fault that is misspelled must not make a test pass.
  if (!code) throw misused(name, `'${text}' is no status of gRPC`);
  return new MomentoError(code, `Injected fault: ${code}`);
}

function wholeNumber(call: FaultyCall, name: string): number | undefined {
  const text = call.metadata(name);
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,9}$/.test(text)) throw misused(name, `'${text}' is no whole number`);
  return Number(text);
}

function misused(name: string, why: string): MomentoError {
  return new MomentoError('INVALID_ARGUMENT', `unable to inject the fault of the metadata ${name}; ${why}`);
}
