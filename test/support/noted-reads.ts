import { listFetch } from '../../src/transport/operations/lists.js';
import type { CacheInput, CallOptions, Operation, Transport } from '../../src/transport/transport.js';

/** Returns what puts a transport around another one that notes how many entries each reading of a list brought. */
export function notingReads(note: (entries: number) => void): (transport: Transport) => Transport {
  return (transport) => ({
    async call<Input extends CacheInput, Output>(
      operation: Operation<Input, Output>,
      input: Input,
      options?: CallOptions,
    ) {
      const output = await transport.call(operation, input, options);
      if (operation.rpc === listFetch.rpc) note((output as readonly string[]).length);
      return output;
    },
    subscribe: (...args) => transport.subscribe(...args),
  });
}
