import { EventEmitter } from 'eventemitter3';

type Events = EventEmitter.ValidEventTypes;
type Listener<E extends Events, T extends EventEmitter.EventNames<E>> = EventEmitter.EventListener<E, T>;
type Anything = (this: unknown, ...args: unknown[]) => unknown;

/** Each listener's wrapper; a wrapper is its own. */
const wrappers = new WeakMap<Anything, Anything>();

/** An emitter whose listeners harm neither it nor one another: what one of them throws surfaces on its own. */
export class SafeEmitter<E extends Events> extends EventEmitter<E> {
  override on<T extends EventEmitter.EventNames<E>>(event: T, fn: Listener<E, T>, context?: unknown): this {
    return super.on(event, safe(fn), context as never);
  }

  override once<T extends EventEmitter.EventNames<E>>(event: T, fn: Listener<E, T>, context?: unknown): this {
    return super.once(event, safe(fn), context as never);
  }

  override removeListener<T extends EventEmitter.EventNames<E>>(
    event: T,
    fn?: Listener<E, T>,
    context?: unknown,
    once?: boolean,
  ): this {
    return super.removeListener(event, fn && safe(fn), context as never, once);
  }
}

// The aliases that an EventEmitter has.
SafeEmitter.prototype.addListener = SafeEmitter.prototype.on;
SafeEmitter.prototype.off = SafeEmitter.prototype.removeListener;

function safe<F>(listener: F): F {
  const original = listener as Anything;
  // The emitter itself says what is wrong with something that is no function.
  if (typeof original !== 'function') return listener;
  const known = wrappers.get(original);
  if (known !== undefined) return known as F;
  const wrapper: Anything = function (...args) {
    try {
      original.apply(this, args);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
  wrappers.set(original, wrapper);
  wrappers.set(wrapper, wrapper);
  return wrapper as F;
}
