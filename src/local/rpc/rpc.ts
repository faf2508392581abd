import type { Engine } from '../engine/engine.js';
import type { ItemKey } from '../engine/item-key.js';
import type { Principal } from '../engine/permissions.js';
import type { FaultState } from '../faults/fault-state.js';
import type { LimitChecks } from '../limits.js';
import type { MomentoError } from '../status.js';

/** The generated definition of one RPC, as far as a server needs it. */
export interface RpcDefinition<Request, Response> {
  path: string;
  requestDeserialize: (bytes: Buffer) => Request;
  responseSerialize: (message: Response) => Buffer;
}

/** The parts of the server that the RPCs work on. */
export interface Services {
  engine: Engine;
  limits: LimitChecks;
  faults: FaultState;
}

/** The caller, and the cache they name in their metadata. */
export interface Caller {
  principal: Principal;
  /** The token of the call; '' for the super user of a local gRPC client. */
  token: string;
  cacheName: string;
}

/** Where a streaming RPC writes. Messages are already serialized, so that one item for many subscribers is encoded once. */
export interface ResponseStream {
  /** False says that the client does not keep up; `onDrain` tells when it does again. */
  write(message: Buffer): boolean;
  end(error?: MomentoError): void;
  onDrain(callback: () => void): void;
  /** The client is gone, or the stream has ended. */
  onClose(callback: () => void): void;
}

/** One call, decoded. */
export interface Invocation {
  /** The token, where it stands in the message instead of in the metadata. */
  token?: string | undefined;
  /** Throws PERMISSION_DENIED when the caller must not. */
  authorize(caller: Caller): void;
}
export interface UnaryInvocation extends Invocation {
  run(caller: Caller): Buffer;
}
export interface StreamInvocation extends Invocation {
  open(caller: Caller, outlet: ResponseStream): void;
}

/** One RPC as both front ends serve it. */
export type Rpc =
  | {
      readonly kind: 'unary';
      readonly path: string;
      readonly public: boolean;
      decode(bytes: Buffer): UnaryInvocation;
    }
  | {
      readonly kind: 'stream';
      readonly path: string;
      readonly public: boolean;
      decode(bytes: Buffer): StreamInvocation;
    };

interface Handler<Request> {
  /** Where the token stands in the message; otherwise it comes as metadata. */
  token?: (request: Request) => string;
  authorize: (request: Request, caller: Caller) => void;
}

export function unary<Request, Response>(
  definition: RpcDefinition<Request, Response>,
  handler: Handler<Request> & { run: (request: Request, caller: Caller) => Response; public?: boolean },
): Rpc {
  return {
    kind: 'unary',
    path: definition.path,
    public: handler.public ?? false,
    decode(bytes) {
      const request = definition.requestDeserialize(bytes);
      return {
        token: handler.token?.(request),
        authorize: (caller) => handler.authorize(request, caller),
        run: (caller) => definition.responseSerialize(handler.run(request, caller)),
      };
    },
  };
}

export function stream<Request, Response>(
  definition: RpcDefinition<Request, Response>,
  handler: Handler<Request> & { open: (request: Request, caller: Caller, outlet: ResponseStream) => void },
): Rpc {
  return {
    kind: 'stream',
    path: definition.path,
    public: false,
    decode(bytes) {
      const request = definition.requestDeserialize(bytes);
      return {
        authorize: (caller) => handler.authorize(request, caller),
        open: (caller, outlet) => handler.open(request, caller, outlet),
      };
    },
  };
}

/** The RPC's own name: `Publish` of `/cache_client.pubsub.Pubsub/Publish`. */
export function rpcName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Bytes as the engine's key: one character per byte. */
export function itemKey(bytes: Uint8Array): ItemKey {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** The bytes of a key, a field or an element that is kept as a key. */
export function valueBytes(key: ItemKey): Uint8Array {
  return Buffer.from(key, 'latin1');
}
