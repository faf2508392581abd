import type { Message } from '../messages/message.js';
import { button, h, setText } from './dom.js';
import { MessageRow } from './message-row.js';
import { placeAfter } from './place.js';
import { inWords } from './texts/language.js';

/**
 * The parts of the element that panes which are loaded later are given. Imported by them, a bundler would put each into a file of
 * its own, and every page would load more of them.
 */
export const PANE_KIT = { button, h, inWords, MessageRow, placeAfter, setText };

export type PaneKit = typeof PANE_KIT;

/** Returns a message that was found as it is now; undefined where its author is hidden. */
export type Latest = (found: Message) => Message | undefined;
