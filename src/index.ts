export type * from './public-types.js';
export { ChatError } from './shared/errors.js';
export { ChatRoom } from './web-room.js';
export { ChatSession } from './web-session.js';
