import type { Message } from '../messages/message.js';
import type { Room } from './faces.js';
import type { Latest, PaneKit } from './pane-kit.js';
import type { Ui } from './ui.js';

/** So many messages are shown. */
const COUNT = 30;

/** Shows a message that is not in memory among those around it, or says that it is no longer stored. Loaded when it is needed. */
export function aroundPane(
  { h, inWords, MessageRow, placeAfter }: PaneKit,
  ui: Ui,
  room: Room,
  { id, goTo, failed }: { id: string; goTo: (id: string) => void; failed: (error: unknown) => void },
): { element: HTMLElement; focus: () => void; refresh: (latest: Latest) => void } {
  const { texts } = ui;
  const status = h('p', { class: 'hint', role: 'status' }, texts.searching);
  const element = h(
    'div',
    { class: 'scroll around', tabindex: 0, role: 'group', 'aria-label': texts.around },
    status,
  );
  const { files } = room;
  const actions = {
    retry: () => {},
    discard: () => {},
    openMenu: () => {},
    react: () => {},
    goTo,
    files: files && { download: (ref: Parameters<typeof files.download>[0]) => files.download(ref), failed },
  };
  const updates: ((latest: Latest) => void)[] = [];
  let newest: Latest = (found) => found;
  const show = (messages: readonly Message[]) => {
    if (!messages.some((message) => message.id === id)) {
      status.textContent = texts.gone;
      return;
    }
    let target: HTMLElement | undefined;
    const rows = messages.map((message, index) => {
      const row = new MessageRow(ui, actions);
      const place = placeAfter(messages[index - 1], message, false);
      let now = message;
      const update = (latest: Latest) => {
        const shown = latest(now);
        row.element.hidden = shown === undefined;
        if (shown === undefined) return;
        now = shown;
        // Reactions and the menu are where a message is kept up to date: in the conversation.
        row.update({ ...now, reactions: [] }, place);
        row.more.hidden = true;
      };
      // Much may have changed since it was read.
      update(newest);
      updates.push(update);
      if (message.id === id) target = row.element;
      return row.element;
    });
    const reading = element.contains(ui.focused);
    element.replaceChildren(h('ol', {}, ...rows));
    if (target === undefined) return;
    target.classList.add('target');
    target.setAttribute('aria-current', 'true');
    target.tabIndex = -1;
    element.scrollTop = target.offsetTop - (element.clientHeight - target.offsetHeight) / 2;
    if (reading) target.focus({ preventScroll: true });
  };
  room.loadAround?.(id, COUNT).then(show, (error: unknown) => {
    status.textContent = inWords(error, texts);
  });
  return {
    element,
    focus: () => element.focus(),
    refresh: (latest) => {
      newest = latest;
      for (const update of updates) update(latest);
    },
  };
}
