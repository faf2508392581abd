import {
  computed,
  defineComponent,
  getCurrentInstance,
  getCurrentScope,
  hasInjectionContext,
  type InjectionKey,
  inject,
  type MaybeRefOrGetter,
  onActivated,
  onDeactivated,
  onMounted,
  onScopeDispose,
  type PropType,
  provide,
  type ShallowRef,
  shallowRef,
  toValue,
  watch,
} from 'vue';
import type { ChatRoom, TokenSource } from '../index.js';
import { type Chat, type ChatOptions, chatFor, type RoomExtras, type Session } from '../ui/chat.js';
import { ACTIONS, type RoomActions, type RoomUi, uiOf } from '../ui/room-ui.js';
import type { View } from '../ui/view.js';

type TokenFunction = Extract<TokenSource, (...args: never) => unknown>;

const CHAT: InjectionKey<() => Chat> = Symbol('chat');
const ROOM: InjectionKey<() => ChatRoom> = Symbol('room');

/** A room of the app's own, or the name of one. Default: that of {@link provideRoom}, called by the component itself or by one around it. */
export type RoomSource = MaybeRefOrGetter<ChatRoom | undefined>;

/**
 * Lets the components inside name their rooms. Another `user` or `session`, or another URL as `token`, means other rooms.
 *
 * @example
 * ```ts
 * provideChat({ token: '/token', user: { id: 'ada', name: 'Ada' } });
 * ```
 */
export function provideChat(options: MaybeRefOrGetter<ChatOptions>): void {
  const ask: TokenFunction = (request) => {
    const { token } = toValue(options);
    if (typeof token === 'function') return token(request);
    throw new Error('unable to get a token; there is no function any more');
  };
  const chat = computed(() => {
    const { token, ...others } = toValue(options);
    return chatFor({ ...others, token: typeof token === 'function' ? ask : token });
  });
  give(CHAT, () => chat.value);
}

/**
 * Joins a room for this component and those inside, unless the app has joined it, and leaves it some three seconds after the
 * last one is gone. `options` count when the room is named for the first time. On a server nothing is joined.
 */
export function provideRoom(
  source: MaybeRefOrGetter<ChatRoom | string>,
  options?: RoomExtras,
): Readonly<ShallowRef<ChatRoom>> {
  const chat = find(CHAT);
  const choose = () => {
    const given = toValue(source);
    if (typeof given !== 'string') return given;
    if (chat === undefined)
      throw new Error('unable to name a room; call provideChat() in this component or around it');
    return chat().room(given, options);
  };
  const room = computed(choose);
  // A wrong source throws here, where it is written.
  void room.value;
  const hold = () =>
    follow(
      () => room.value,
      (current) => uiOf(current).use(),
    );
  // A page that came from a server is taken over as it is, before the room is joined.
  if (getCurrentInstance() === null) hold();
  else onMounted(hold);
  give(ROOM, () => room.value);
  return room;
}

/** The component of {@link provideChat}. */
export const ChatProvider = /* @__PURE__ */ defineComponent({
  name: 'ChatProvider',
  props: {
    token: { type: [String, Function] as PropType<ChatOptions['token']> },
    session: { type: Object as PropType<ChatOptions['session']> },
    user: { type: Object as PropType<ChatOptions['user']>, required: true },
    cache: { type: String },
    createRoom: { type: Function as PropType<ChatOptions['createRoom']> },
  },
  setup(props, { slots }) {
    provideChat(() => ({ ...props }));
    return () => slots.default?.();
  },
});

/** The component of {@link provideRoom}: the `name` of a room, or a `room` of the app's own. */
export const RoomProvider = /* @__PURE__ */ defineComponent({
  name: 'RoomProvider',
  props: {
    name: { type: String },
    room: { type: [Object, String] as PropType<ChatRoom | string> },
    options: { type: Object as PropType<RoomExtras> },
  },
  setup(props, { slots }) {
    provideRoom(() => {
      const source = props.room ?? props.name;
      if (source === undefined) throw new Error('unable to provide a room; `name` or `room` must be given');
      return source;
    }, props.options);
    return () => slots.default?.();
  },
});

/** The room that {@link provideRoom} gave. */
export function useRoom(): Readonly<ShallowRef<ChatRoom>> {
  return computed(current());
}

/** The room that a composable is about. */
export function useUi(source: RoomSource): () => RoomUi {
  const around = find(ROOM);
  return () => {
    const room = toValue(source) ?? around?.();
    if (room !== undefined) return uiOf(room);
    throw missing();
  };
}

/** The session given, or that of {@link provideChat}. */
export function useSession(session: Session | undefined): () => Session {
  const chat = find(CHAT);
  return () => {
    const current = session ?? chat?.().session;
    if (current === undefined)
      throw new Error('unable to find the session; call provideChat() in this component or around it');
    return current;
  };
}

/** Functions of whatever `find` finds when they are called. */
export function boundTo<T extends object, Name extends keyof T>(
  find: () => T,
  names: readonly Name[],
): Pick<T, Name> {
  const call =
    (name: Name) =>
    (...args: unknown[]) =>
      (find()[name] as (...args: unknown[]) => unknown)(...args);
  return Object.fromEntries(names.map((name) => [name, call(name)])) as Pick<T, Name>;
}

/** The functions of whatever room it is at the time. */
export function actionsOf(ui: () => RoomUi): RoomActions {
  return boundTo(() => ui().actions, ACTIONS);
}

/** The value of a view, as long as the scope lives. */
export function useView<T>(find: () => View<T>): Readonly<ShallowRef<T>> {
  // A page that came from a server is taken over as it is, though the room may be full by now. It has its element before the mount.
  const instance = getCurrentInstance();
  const isTakenOver = instance?.isMounted === false && instance.vnode.el !== null;
  const value = shallowRef(isTakenOver ? find().empty : find().get());
  const begin = () =>
    follow(find, (view) => {
      const update = () => {
        value.value = view.get();
      };
      update();
      return view.subscribe(update);
    });
  if (isTakenOver) onMounted(begin);
  else begin();
  return value;
}

/** Begins anew with each value, and ends with the scope. In a component that `<KeepAlive>` has put away it rests. */
export function follow<T>(find: () => T, begin: (value: T) => () => void): void {
  // On a server there is nothing to follow, and no end of it.
  if (typeof document === 'undefined') return;
  let end: (() => void) | undefined;
  let rests = false;
  const renew = (value?: T) => {
    const previous = end;
    end = rests ? undefined : begin(value ?? find());
    previous?.();
  };
  watch(find, renew, { immediate: true, flush: 'sync' });
  onScopeDispose(() => end?.());
  // A scope of its own, as a store has, outlives the component that made it.
  const component = getCurrentInstance() as { readonly scope?: unknown } | null;
  if (component === null || component.scope !== getCurrentScope()) return;
  onDeactivated(() => {
    rests = true;
    renew();
  });
  onActivated(() => {
    if (!rests) return;
    rests = false;
    renew();
  });
}

/** The values that a component provides; Vue itself gives them to those inside only. */
const own = /* @__PURE__ */ new WeakMap<object, Map<unknown, unknown>>();

function give<T>(key: InjectionKey<T>, value: T): void {
  provide(key, value);
  const instance = getCurrentInstance();
  if (instance !== null) own.set(instance, new Map(own.get(instance)).set(key, value));
}

function find<T>(key: InjectionKey<T>): T | undefined {
  const mine = own.get(getCurrentInstance() ?? own)?.get(key) as T | undefined;
  return mine ?? (hasInjectionContext() ? inject(key, undefined) : undefined);
}

function current(): () => ChatRoom {
  const room = find(ROOM);
  if (room === undefined) throw missing();
  return room;
}

function missing(): Error {
  return new Error('unable to find the room; call provideRoom() in this component or around it');
}
