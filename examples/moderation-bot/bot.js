import { ChatRoom } from 'momento-chat/lite';
import { MODERATOR, mayDelete } from './rules.js';

const FORBIDDEN = ['darn', 'heck'];

/** Joins the room, and deletes what must not be said there: new messages, edits, and what came while it was away. */
export async function startBot(token) {
  const bot = new ChatRoom({ room: 'general', user: { id: MODERATOR, name: 'Moderator' }, token, mayDelete });
  /** Ids of messages that are being deleted: each is told of once. */
  const deleting = new Set();
  bot.on('error', (error) => console.warn(error.code, error.message));
  bot.on('message', moderate);
  bot.on('update', moderate);
  await bot.join();
  bot.messages.forEach(moderate);

  async function moderate({ id, text, deletedAt }) {
    if (deletedAt || deleting.has(id) || !isForbidden(text)) return;
    deleting.add(id);
    try {
      await bot.delete(id);
      await bot.send('A message was deleted: mind your language, please.', { kind: 'system' });
    } catch (error) {
      console.warn(error.code, error.message);
    } finally {
      deleting.delete(id);
    }
  }
}

function isForbidden(text) {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words.some((word) => FORBIDDEN.includes(word));
}
