import type { Message } from '../messages/message.js';
import { isolated } from './dom.js';
import { emojiPicker, QUICK } from './emoji-picker.js';
import { confirmation, type MenuItem, menu } from './menu.js';
import type { Ui } from './ui.js';

/** The actions on messages; an absent one is not offered. */
export interface MessageDeeds {
  react?: ((message: Message, emoji: string) => void) | undefined;
  reply?: ((message: Message) => void) | undefined;
  openThread?: ((id: string) => void) | undefined;
  edit?: ((message: Message) => void) | undefined;
  delete?: ((message: Message) => void) | undefined;
  isPinned?: ((id: string) => boolean) | undefined;
  pin?: ((message: Message, pinned: boolean) => void) | undefined;
  markUnread?: ((message: Message) => void) | undefined;
  /** Leaves out all messages of its author. */
  hide?: ((message: Message) => void) | undefined;
}

/** Opens the menu of a message at its control. */
export function openMessageMenu(ui: Ui, deeds: MessageDeeds, message: Message, anchor: HTMLElement): void {
  if (ui.popups.isOpenAt(anchor)) {
    ui.popups.close();
    return;
  }
  const items = itemsFor(ui, deeds, message, anchor);
  if (items.length === 0) return;
  const label = anchor.getAttribute('aria-label') ?? '';
  const box = menu(label, items, () => ui.popups.close());
  const first = box.querySelector<HTMLElement>('.item');
  ui.popups.show(box, anchor, { focus: first ?? box });
}

function itemsFor(ui: Ui, deeds: MessageDeeds, message: Message, anchor: HTMLElement): MenuItem[] {
  const { texts } = ui;
  const { id, own } = message;
  const { react, reply, openThread, edit, pin, isPinned, markUnread, hide } = deeds;
  const items: MenuItem[] = [];
  const here = message.deletedAt === undefined;
  if (here && react) {
    for (const emoji of QUICK) {
      const checked = message.reactions.some((one) => one.mine && one.emoji === emoji);
      items.push({ label: emoji, small: true, checked, act: () => react(message, emoji) });
    }
    items.push({ label: `${texts.addReaction} …`, act: () => pick(ui, deeds, message, anchor) });
  }
  if (here && reply) items.push({ label: texts.reply, act: () => reply(message) });
  if (openThread) items.push({ label: texts.replyInThread, act: () => openThread(id) });
  if (here && own && edit) items.push({ label: texts.edit, act: () => edit(message) });
  if (here && message.text !== '') items.push({ label: texts.copy, act: () => copy(ui, message.text) });
  if (pin && isPinned && (here || isPinned(id))) {
    const pinned = isPinned(id);
    items.push({ label: pinned ? texts.unpin : texts.pin, act: () => pin(message, !pinned) });
  }
  if (here && !own && markUnread) items.push({ label: texts.markUnread, act: () => markUnread(message) });
  if (!own && hide && message.user.id !== undefined)
    items.push({ label: texts.hide(isolated(message.user.name)), act: () => hide(message) });
  if (here && own && deeds.delete)
    items.push({ label: `${texts.delete} …`, danger: true, act: () => ask(ui, deeds, message, anchor) });
  return items;
}

function pick(ui: Ui, deeds: MessageDeeds, message: Message, anchor: HTMLElement): void {
  const box = emojiPicker(ui.texts.addReaction, (emoji) => {
    ui.popups.close();
    deeds.react?.(message, emoji);
  });
  const focus = box.querySelector<HTMLElement>('button') ?? undefined;
  ui.popups.show(box, anchor, { focus });
}

function ask(ui: Ui, deeds: MessageDeeds, message: Message, anchor: HTMLElement): void {
  const { texts, popups } = ui;
  const box = confirmation(
    texts.deleteQuestion,
    {
      label: texts.delete,
      act: () => {
        popups.close();
        deeds.delete?.(message);
      },
    },
    { label: texts.cancel, act: () => popups.close() },
  );
  popups.show(box, anchor, { focus: box.querySelector<HTMLElement>('button') ?? undefined });
}

function copy(ui: Ui, text: string): void {
  // A page without a secure origin has no clipboard.
  navigator.clipboard?.writeText(text).then(
    () => ui.announce(ui.texts.copied),
    () => {},
  );
}
