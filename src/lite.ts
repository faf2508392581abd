export { ChatRoom } from './lite-room.js';
export { ChatSession } from './lite-session.js';
export { ChatError } from './shared/errors.js';
export type * from './types.js';
