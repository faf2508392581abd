import type { Message } from '../messages/message.js';
import type { RoomStatus } from '../room/events.js';
import { ConversationView } from './conversation-view.js';
import { h } from './dom.js';
import type { Room } from './faces.js';
import { hides } from './hides.js';
import { Listening } from './listening.js';
import { MessageRow } from './message-row.js';
import type { Ui } from './ui.js';
import { whenSent } from './when-sent.js';

/** A thread: the message that it hangs on, its replies, and where one replies. */
export function threadPane(
  ui: Ui,
  room: Room,
  {
    rootId,
    ready,
    failed,
    hide,
  }: {
    rootId: string;
    ready: () => Promise<void>;
    failed: (error: unknown) => void;
    hide: ((message: Message) => void) | undefined;
  },
): { element: HTMLElement; focus: () => void; close: () => void } | undefined {
  const thread = room.thread?.(rootId);
  if (thread === undefined) return undefined;
  let opening = true;
  /** It is opened again once the room is joined. */
  let again = false;
  let closed = false;
  const head = h('ol', { class: 'thread-root' });
  const view = new ConversationView(ui, thread, {
    room,
    id: 'thread',
    threadId: rootId,
    label: ui.texts.thread,
    hooks: { ready, failed, hide, fine: () => {}, isOpening: () => opening },
  });
  const { files } = room;
  const row = new MessageRow(ui, {
    retry: () => {},
    discard: () => {},
    openMenu: () => {},
    react: () => {},
    goTo: () => {},
    files: files && { download: (ref) => ready().then(() => files.download(ref)), failed },
  });
  const showRoot = () => {
    const { root } = thread;
    if (root === undefined) {
      // One that left memory stays in sight.
      if (row.message && hides(room, row.message)) row.element.remove();
      return;
    }
    // Its reactions and menu are where it stands in the room.
    row.update({ ...root, reactions: [] }, { startsDay: false, startsGroup: true, startsUnread: false });
    row.more.hidden = true;
    if (!row.element.isConnected) head.append(row.element);
  };
  const open = () => {
    opening = true;
    again = false;
    thread.open().then(
      () => {
        showRoot();
        view.render();
        opening = false;
      },
      (error: unknown) => {
        opening = false;
        again = true;
        if (!closed) failed(error);
      },
    );
  };
  const listening = new Listening(room);
  listening.on('change', showRoot);
  listening.on('status', (status: RoomStatus) => {
    if (status === 'joined' && again) open();
  });
  showRoot();
  open();
  return {
    element: h('div', { class: 'thread' }, head, view.element),
    focus: () => view.composer.text.focus(),
    close: () => {
      closed = true;
      listening.end();
      view.close();
      // A thread that is closed drops what is unsent: a reply that failed is there when it is opened again.
      void whenSent(thread).then(() => {
        if (!view.isShown && thread.messages.every(({ status }) => status === 'sent')) thread.close();
      });
    },
  };
}
