/// <reference types="svelte" />
import { flushSync, mount, unmount } from 'svelte';
import type { ChatRoom } from '../../src/index.js';
import Keyed from './keyed.svelte';

/** Shows a room in a `{#key}` block. */
export function showKeyed(target: Element, roomOf: (name: string) => ChatRoom) {
  const keyed = mount(Keyed, { target, props: { roomOf } }) as { show(name: string): void };
  flushSync();
  return {
    show(name: string) {
      keyed.show(name);
      flushSync();
    },
    end: () => void unmount(keyed),
  };
}
