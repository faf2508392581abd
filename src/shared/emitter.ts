import { EventEmitter } from 'eventemitter3';
import { invalidArgument } from './errors.js';

type Events = EventEmitter.ValidEventTypes;
type Listener<E extends Events, T extends EventEmitter.EventNames<E>> = EventEmitter.EventListener<E, T>;
type Anything = (this: unknown, ...args: unknown[]) => unknown;

type Wrapper = Anything & { listener: Anything };

/** Each listener's wrapper; a wrapper is its own. */
const wrappers = /* @__PURE__ */ new WeakMap<Anything, Wrapper>();

/** An emitter whose listeners harm neither it nor one another. An error of a listener surfaces as an uncaught error. */
export class Emitter<E extends Events> extends EventEmitter<E> {
  /** @internal Vue's `ref()`, `reactive()` and `data()` leave it as it is: no proxy reaches `#private` fields. */
  get __v_skip(): true {
    return true;
  }

  override on<T extends EventEmitter.EventNames<E>>(event: T, fn: Listener<E, T>, context?: unknown): this {
    super.on(event, safe(fn as Anything) as never, context as never);
    this.listenerAdded();
    return this;
  }

  override once<T extends EventEmitter.EventNames<E>>(event: T, fn: Listener<E, T>, context?: unknown): this {
    super.once(event, safe(fn as Anything) as never, context as never);
    this.listenerAdded();
    return this;
  }

  override removeListener<T extends EventEmitter.EventNames<E>>(
    event: T,
    fn?: Listener<E, T>,
    context?: unknown,
    once?: boolean,
  ): this {
    return super.removeListener(event, fn && (safe(fn as Anything) as never), context as never, once);
  }

  /** Called after a listener was added. */
  protected listenerAdded(): void {}

  override listeners<T extends EventEmitter.EventNames<E>>(event: T): Listener<E, T>[] {
    return super.listeners(event).map((wrapper) => (wrapper as unknown as Wrapper).listener as never);
  }

  // The aliases that an EventEmitter has.

  override addListener<T extends EventEmitter.EventNames<E>>(
    event: T,
    fn: Listener<E, T>,
    context?: unknown,
  ): this {
    return this.on(event, fn, context);
  }

  override off<T extends EventEmitter.EventNames<E>>(
    event: T,
    fn?: Listener<E, T>,
    context?: unknown,
    once?: boolean,
  ): this {
    return this.removeListener(event, fn, context, once);
  }
}

function safe(listener: Anything): Wrapper {
  if (typeof listener !== 'function')
    throw invalidArgument('listen for the event', 'the listener must be a function');
  let wrapper = wrappers.get(listener);
  if (wrapper === undefined) {
    wrapper = function (this: unknown, ...args: unknown[]) {
      try {
        listener.apply(this, args);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    } as Wrapper;
    wrapper.listener = listener;
    wrappers.set(listener, wrapper).set(wrapper, wrapper);
  }
  return wrapper;
}
