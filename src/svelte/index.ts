export type { RoomActions } from '../ui/room-ui.js';
export { DraftText } from './draft-text.js';
export { RoomState } from './room-state.js';
export { RoomsState } from './rooms-state.js';
