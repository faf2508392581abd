import type { Message } from '../messages/message.js';
import { above, type Draft, type DraftKeeper, type Written } from './drafts.js';

const NOTHING: Written = { text: '', mentions: [] };

/**
 * Gives back a draft that could not be sent, or an edit of a message, to where the conversation is shown anew, or will be. Another room
 * of that name may have stored a newer draft.
 */
export async function giveBackLater(
  keeper: DraftKeeper,
  draft: Draft,
  edited: Message | undefined,
): Promise<void> {
  const { page } = keeper;
  const shown = () => [...page.composers].at(-1);
  const before = page.written;
  const stored = shown() ? '' : await keeper.load().catch(() => '');
  const composer = shown();
  if (composer) {
    composer.giveBack(draft, edited);
    return;
  }
  const now = page.written;
  // Another draft may have been given back meanwhile, above the stored one.
  const joins = now === before && stored !== '';
  page.isTaken ||= joins;
  const later = joins ? stored : now?.text;
  draft.handedOver?.();
  keeper.save({ text: above(draft.text, later), mentions: [...draft.mentions, ...(now?.mentions ?? [])] });
}

/**
 * Returns the draft of this page, or else the stored one: of views that ask for it at once, one has it. A stored one that cannot be
 * read is read again whenever the text is changed. `life` ends with the view.
 */
export async function loadDraft(keeper: DraftKeeper, life: AbortSignal): Promise<Written> {
  const { page } = keeper;
  const before = page.written;
  if (before) return before;
  const read = (): Promise<string> =>
    keeper.load().catch(() => {
      // Another view has read it meanwhile.
      if (page.wasRead) return '';
      return new Promise((resolve) => {
        page.again = () => {
          page.again = undefined;
          resolve(read());
        };
      });
    });
  const text = await read();
  const { written } = page;
  // The storage has it still: the view of now reads it, or a later one.
  if (page.isTaken || text === '' || (life.aborted && !written)) return NOTHING;
  page.isTaken = true;
  if (page.composers.size > 0) return { text, mentions: [] };
  if (written) keeper.save({ ...written, text: above(text, written.text) });
  return NOTHING;
}
