import type { Conversation } from './faces.js';

/** The sends of a conversation that have not ended. */
const sends = new WeakMap<Conversation, Set<Promise<unknown>>>();

/** Notes a send, for {@link whenSent}. */
export function sending<T>(conversation: Conversation, send: Promise<T>): Promise<T> {
  const all = sends.get(conversation) ?? new Set();
  sends.set(conversation, all.add(send));
  const end = () => all.delete(send);
  send.then(end, end);
  return send;
}

/** Resolves once nothing of a conversation is on its way: left before, it would not send what was written last. */
export async function whenSent(conversation: Conversation): Promise<void> {
  await Promise.allSettled(sends.get(conversation) ?? []);
}
