/// <reference types="svelte" />
import { flushSync, mount, unmount } from 'svelte';
import Effect from './in-effect.svelte';

/** Calls `run` as an effect does; the returned function ends it. */
export function inEffect(run: () => unknown): () => void {
  const effect = mount(Effect, { target: document.createElement('div'), props: { run } });
  flushSync();
  return () => void unmount(effect);
}
