import { ChatError, type ChatErrorCode, type RoomStatus } from 'momento-chat';

const ERRORS: Record<ChatErrorCode, string> = {
  'invalid-argument': 'That cannot be used here.',
  'not-joined': 'You are not in the room right now. Join again, then send.',
  'message-too-large': 'That message is too long. Shorten it, or send it in parts.',
  'token-unavailable': 'The server that lets you in could not be reached. Is it still running?',
  unauthenticated: 'Your access to this room has ended. Try again to renew it.',
  'permission-denied': 'You may not do that in this room.',
  'cache-not-found': 'The place where messages are kept does not exist. The server has to create it first.',
  'rate-limited': 'Too much at once. Wait a moment, then try again.',
  timeout: 'No answer in time. Check your connection, then try again.',
  network: 'The chat service could not be reached. Check your connection, then try again.',
  'malformed-message': 'Something came that is not a message. It was left out.',
  'feature-disabled': 'This room is for messages only.',
  server: 'The chat service ran into a problem. Try again in a moment.',
  closed: 'The room was left before that was done.',
};

/** What to tell a person about an error: what happened, and what they can do. */
export function inWords(error: unknown): string {
  if (!(error instanceof ChatError)) return 'Something went wrong. Try again.';
  // Only here does the library's own message say what the person typed wrong.
  if (error.code === 'invalid-argument') return sentence(error.message);
  return ERRORS[error.code];
}

export function statusInWords(status: RoomStatus, name: string): string {
  switch (status) {
    case 'idle':
    case 'joining':
      return 'Connecting…';
    case 'joined':
      return `Connected as ${name}`;
    case 'reconnecting':
      return 'Connection lost. Reconnecting…';
    case 'failed':
      return 'Not connected';
    case 'left':
      return 'You left the room';
  }
}

function sentence(message: string): string {
  const reason = message.slice(message.indexOf(';') + 1).trim();
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}${/[.!?]$/.test(reason) ? '' : '.'}`;
}
