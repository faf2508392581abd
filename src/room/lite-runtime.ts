import { liteEnvironment } from '../session/lite-environment.js';
import { type OpenRuntime, RoomRuntime } from './runtime.js';

/** Makes what a room of `momento-chat/lite` loads when it is joined. Imported dynamically, and by nothing else. */
export const openRuntime: OpenRuntime = (options, face, stored) =>
  new RoomRuntime(options, options.environment ?? liteEnvironment, face, stored);
