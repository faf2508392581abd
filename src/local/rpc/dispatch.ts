import type { LocalClock } from '../engine/clock.js';
import type { Principal } from '../engine/permissions.js';
import { MomentoError } from '../status.js';
import { RequestFaults } from './request-faults.js';
import {
  type Caller,
  type Invocation,
  type ResponseStream,
  type Rpc,
  rpcName,
  type Services,
} from './rpc.js';

/** A call as a front end hands it over. */
export interface IncomingCall {
  /** As in `/cache_client.Scs/Get`. */
  path: string;
  /** The request message, not yet decoded. */
  message: Buffer;
  /** Over gRPC an empty token is the super user, because that is what the Node SDK sends to a local server. */
  transport: 'grpc' | 'grpc-web';
  metadata(name: string): string | undefined;
  /** Aborted when the client is gone or its deadline has passed. */
  signal: AbortSignal;
  /** Breaks the connection that the call came by. */
  cut(): void;
}

const SUPER_USER: Principal = {
  superUser: true,
  root: true,
  tokenId: '',
  permissions: [],
  disposable: false,
};

/** Takes every call from both front ends through the same stations: faults, token, permission, limits, the RPC itself. */
export class Dispatch {
  readonly #services: Services;
  readonly #rpcs: ReadonlyMap<string, Rpc>;
  readonly #requestFaults: RequestFaults;
  /** Told the name of every call that was let through, when it is done; of one that streams, after each part that was done. */
  onCall: (rpc: string) => void = () => {};

  constructor(services: Services, rpcs: ReadonlyMap<string, Rpc>) {
    this.#services = services;
    this.#rpcs = rpcs;
    this.#requestFaults = new RequestFaults([...rpcs.keys()].map(rpcName));
  }

  /** How the path answers, so that a front end knows whether to expect a stream. */
  kind(path: string): Rpc['kind'] {
    return this.#rpcs.get(path)?.kind ?? 'unary';
  }

  /** The serialized response. Undefined: there will be none, and the connection stays as it is. */
  async unary(call: IncomingCall): Promise<Buffer | undefined> {
    const { faults } = this.#services;
    const rpc = this.#find(call.path, 'unary');
    await this.#obstruct(call);
    const invocation = decode(call, (message) => rpc.decode(message));
    const caller = this.#admit(rpc, invocation, call);
    const response = this.#told(call.path, () => invocation.run(caller));
    const lost = faults.takeUnanswered(rpcName(call.path));
    if (!lost) return response;
    if (lost === 'cut') call.cut();
    return undefined;
  }

  /** Opens a stream; failures before and after that end it. */
  async stream(call: IncomingCall, outlet: ResponseStream): Promise<void> {
    const rpc = this.#find(call.path, 'stream');
    await this.#obstruct(call);
    const invocation = decode(call, (message) => rpc.decode(message));
    const caller = this.#admit(rpc, invocation, call);
    const breaking = this.#requestFaults.breaking(call, outlet);
    this.#told(call.path, () =>
      invocation.open(caller, {
        write: (message) => breaking.write(message),
        end: (error) => breaking.end(error),
        onDrain: (callback) => breaking.onDrain(() => this.#told(call.path, callback)),
        onClose: (callback) => breaking.onClose(callback),
      }),
    );
  }

  /** Runs `act` and tells of the call, even when it fails: a failed call may have done a part of its work. */
  #told<T>(path: string, act: () => T): T {
    try {
      return act();
    } finally {
      this.onCall(rpcName(path));
    }
  }

  #find<K extends Rpc['kind']>(path: string, kind: K): Extract<Rpc, { kind: K }> {
    const rpc = this.#rpcs.get(path);
    if (rpc?.kind !== kind) {
      throw new MomentoError('UNIMPLEMENTED', `${path.slice(1)} is not implemented by the local Momento`);
    }
    return rpc as Extract<Rpc, { kind: K }>;
  }

  async #obstruct(call: IncomingCall): Promise<void> {
    const { faults, engine } = this.#services;
    const name = rpcName(call.path);
    const ms = Math.max(faults.takeDelay(name), this.#requestFaults.delay(call));
    if (ms > 0) await sleep(ms, call.signal, engine.clock);
    if (call.signal.aborted) throw new MomentoError('CANCELLED', 'The client is gone');
    const failure = faults.takeFailure(name) ?? this.#requestFaults.failure(call);
    if (failure) throw failure;
  }

  #admit(rpc: Rpc, invocation: Invocation, call: IncomingCall): Caller {
    const { engine, limits } = this.#services;
    const token = invocation.token ?? call.metadata('authorization') ?? '';
    const anonymous = token === '' && (call.transport === 'grpc' || rpc.public);
    const caller: Caller = {
      principal: anonymous || rpc.public ? SUPER_USER : engine.tokens.principal(token),
      token,
      cacheName: call.metadata('cache') ?? '',
    };
    invocation.authorize(caller);
    limits.operation(call.path);
    return caller;
  }
}

function decode<T>(call: IncomingCall, decoder: (message: Buffer) => T): T {
  try {
    return decoder(call.message);
  } catch {
    throw new MomentoError('INVALID_ARGUMENT', `the message is not a valid request of ${call.path.slice(1)}`);
  }
}

function sleep(ms: number, signal: AbortSignal, clock: LocalClock): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stop();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const stop = clock.setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
