import { webEnvironment } from '../session/web-environment.js';
import { Runtime } from './runtime.js';

/** What a room of `momento-chat` loads when it is joined. Imported dynamically, and by nothing else. */
export const runtime = new Runtime(webEnvironment);
