export { ChatError } from './shared/errors.js';
export type * from './types.js';
export { ChatRoom } from './web-room.js';
export { ChatSession } from './web-session.js';
