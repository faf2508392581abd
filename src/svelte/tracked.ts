import { createSubscriber } from 'svelte/reactivity';
import type { View } from '../ui/view.js';

/** Reads a view so that an effect or a template which does so runs again when it changes. */
export function tracked<T>(view: View<T>, use: () => () => void): () => T {
  const track = createSubscriber((update) => {
    const stop = view.subscribe(update);
    const end = use();
    return () => {
      stop();
      end();
    };
  });
  return () => {
    track();
    return view.get();
  };
}
