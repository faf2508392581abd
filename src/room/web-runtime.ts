import { webEnvironment } from '../session/web-environment.js';
import { type OpenRuntime, RoomRuntime } from './runtime.js';

/** Makes what a room of `momento-chat` loads when it is joined. Imported dynamically, and by nothing else. */
export const openRuntime: OpenRuntime = (options, face, stored) =>
  new RoomRuntime(options, options.environment ?? webEnvironment, face, stored);
