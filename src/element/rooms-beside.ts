import type { RoomStatus } from '../room/events.js';
import type { BaseSession } from '../session/chat-session.js';
import { isComposing } from './dom.js';
import type { Emitting, Room, Rooms } from './faces.js';
import { Listening } from './listening.js';
import { RoomList } from './room-list.js';
import type { RoomView } from './room-view.js';
import type { Ui } from './ui.js';

/** A list that could not be read is read again after so long, or once the room is joined (milliseconds). */
const AGAIN_MS = 30_000;
/** So long the list stays open for another room, or another element (milliseconds). */
const KEPT_MS = 3000;

/** A session, of whichever entry of the package. */
export type SessionLike = BaseSession & Partial<Emitting> & { readonly rooms?: Rooms };

/** Puts the list of a session's rooms beside the one that is open. Returns what ends that. */
export function listRooms(
  ui: Ui,
  session: SessionLike | undefined,
  {
    frame,
    view,
    room,
    choose,
    failed,
  }: {
    frame: HTMLElement;
    view: RoomView;
    room: Room;
    choose: (name: string) => void;
    failed: (error: unknown) => void;
  },
): () => void {
  const { rooms } = session ?? {};
  if (session?.on === undefined || rooms === undefined) return () => {};
  const current = room.room;
  const hide = () => frame.classList.remove('rooms-open');
  const close = () => {
    hide();
    view.main.querySelector<HTMLElement>('.to-rooms')?.focus();
  };
  const list = new RoomList(ui, rooms, current, {
    choose: (name) => {
      hide();
      if (name !== current) choose(name);
    },
    close,
    failed,
  });
  const covers = () =>
    frame.classList.contains('rooms-open') && getComputedStyle(list.element).position === 'absolute';
  const show = () => {
    list.show();
    view.showRooms(list.several);
  };
  frame.append(list.element);
  list.element.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !isComposing(event) && covers()) close();
    // It would cover what the key goes to.
    if (event.key === 'Tab')
      setTimeout(() => {
        if (!list.element.contains(ui.focused)) hide();
      });
  });
  // A touch beside the list puts it away, and presses nothing.
  view.main.addEventListener(
    'click',
    (event) => {
      if (!covers()) return;
      event.stopPropagation();
      event.preventDefault();
      close();
    },
    true,
  );
  /** It is opened again once the room is joined. */
  let again = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const open = () => {
    again = false;
    clearTimeout(timer);
    rooms.open(list).then(show, (error: unknown) => {
      // A token for one room is usual, and then there is no list.
      if (ended || (error as { code?: unknown } | undefined)?.code === 'permission-denied') return;
      again = true;
      failed(error);
      timer = setTimeout(() => again && open(), AGAIN_MS);
    });
  };
  const ofSession = new Listening(session as Emitting);
  const ofRoom = new Listening(room);
  ofSession.on('rooms', show);
  ofRoom.on('status', (status: RoomStatus) => {
    // The user may be let in by then.
    if (status === 'failed') again = true;
    if (status === 'joined' && again) open();
  });
  open();
  return () => {
    ended = true;
    setTimeout(() => rooms.close?.(list), KEPT_MS);
    clearTimeout(timer);
    hide();
    ofSession.end();
    ofRoom.end();
  };
}
