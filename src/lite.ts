export { ChatRoom } from './lite-room.js';
export { ChatSession } from './lite-session.js';
export type * from './public-types.js';
export { ChatError } from './shared/errors.js';
