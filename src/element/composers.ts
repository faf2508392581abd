import type { Message } from '../messages/message.js';
import type { Composer } from './composer.js';
import { above, type Draft, type DraftKeeper, drafts } from './drafts.js';
import type { Conversation } from './faces.js';

const composers = new WeakMap<Conversation, Set<Composer>>();

/** The composers that a conversation has now, the newest last: a page may show it anew, or twice. */
export function composersOf(conversation: Conversation): Set<Composer> {
  const all = composers.get(conversation) ?? new Set();
  composers.set(conversation, all);
  return all;
}

/**
 * Gives back a draft that could not be sent, or an edit of a message, to where the conversation is shown anew, or will be. Another room
 * of that name may have stored a newer draft.
 */
export async function giveBackLater(
  conversation: Conversation,
  keeper: DraftKeeper,
  draft: Draft,
  edited: Message | undefined,
): Promise<void> {
  const shown = () => [...composersOf(conversation)].at(-1);
  const before = drafts.get(conversation);
  const stored = shown() ? '' : await keeper.load().catch(() => '');
  const composer = shown();
  if (composer) {
    composer.giveBack(draft, edited);
    return;
  }
  const now = drafts.get(conversation);
  // Another draft may have been given back meanwhile, above the stored one.
  const later = now === before && stored !== '' ? stored : now?.text;
  draft.handedOver?.();
  keeper.save({ text: above(draft.text, later), mentions: [...draft.mentions, ...(now?.mentions ?? [])] });
}
