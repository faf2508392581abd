import { useInsertionEffect, useRef, useState, useSyncExternalStore } from 'react';
import { isShallowEqual, type View } from '../ui/view.js';

/** The value of a view; renders when it changes. */
export function useView<T>(view: View<T>): T {
  return useSyncExternalStore(view.subscribe, view.get, () => view.empty);
}

/** Returns what `select` makes of a view's value; renders when that has other items or properties. */
export function useSelected<T, Selected>(view: View<T>, select: (value: T) => Selected): Selected {
  const [remember] = useState(() => memory<T, Selected>());
  return useSyncExternalStore(
    view.subscribe,
    () => remember(view.get(), select),
    () => remember(view.empty, select),
  );
}

/** The newest value that a component was rendered with, for what is called later. */
export function useLatest<T>(value: T): { readonly current: T } {
  const ref = useRef(value);
  useInsertionEffect(() => {
    ref.current = value;
  });
  return ref;
}

function memory<T, Selected>(): (value: T, select: (value: T) => Selected) => Selected {
  let last: { value: T; select: (value: T) => Selected; selected: Selected } | undefined;
  return (value, select) => {
    if (last !== undefined && last.select === select && Object.is(last.value, value)) return last.selected;
    const selected = select(value);
    const isSame = last !== undefined && isShallowEqual(last.selected, selected);
    last = { value, select, selected: last !== undefined && isSame ? last.selected : selected };
    return last.selected;
  };
}
