import type { OpenDirectory } from '../session/chat-session.js';
import { Directory } from './directory.js';

/** Makes what a session loads when its directory is first used. Imported dynamically, and by nothing else. */
export const openDirectory: OpenDirectory = (context) => new Directory(context);
