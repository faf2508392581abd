import { liteEnvironment } from '../session/lite-environment.js';
import { Runtime } from './runtime.js';

/** What a room of `momento-chat/lite` loads when it is joined. Imported dynamically, and by nothing else. */
export const runtime = new Runtime(liteEnvironment);
