/// <reference types="svelte" />
import { ChatRoom } from 'momento-chat';
import { withLocalMomento } from 'momento-chat/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Component } from 'vue';
import { withTokens } from '../docs/support/site-tokens.js';

/** The pages of the guides, as they are printed there, chat with somebody over the local Momento. */
const PAGES: Record<string, (target: HTMLElement) => Promise<() => unknown>> = {
  async react(target) {
    const { createElement, StrictMode } = await import('react');
    const { createRoot } = await import('react-dom/client');
    const { ChatPage } = await import('../react/snippets/chat-page.js');
    const root = createRoot(target);
    root.render(createElement(StrictMode, null, createElement(ChatPage)));
    return () => root.unmount();
  },
  async vue(target) {
    const { createApp } = await import('vue');
    // A component of Vue has no types that anybody but its own compiler knows.
    const { default: ChatPage } = (await import(`../vue/snippets/chat-page.vue` as string)) as {
      default: Component;
    };
    const app = createApp(ChatPage);
    app.mount(target);
    return () => app.unmount();
  },
  async svelte(target) {
    const { mount, unmount } = await import('svelte');
    const { default: ChatPage } = await import('../svelte/snippets/chat-page.svelte');
    const page = mount(ChatPage, { target });
    return () => unmount(page);
  },
};

// Each is a page of its own: one that names the room of another would share it.
beforeEach(() => {
  vi.resetModules();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

for (const [framework, show] of Object.entries(PAGES))
  it(
    `the page of docs/start/${framework}.md chats`,
    withLocalMomento(async (fixture) => {
      vi.stubGlobal('IntersectionObserver', Seen);
      vi.stubGlobal('fetch', withTokens(fixture));
      const { waitFor, token } = fixture;
      const target = document.body.appendChild(document.createElement('div'));
      const hide = await show(target);
      const bob = new ChatRoom({ room: 'lobby', user: { id: 'bob', name: 'Bob' }, token });
      await bob.join();
      await waitFor(() => target.textContent?.includes('joined') ?? false);
      await bob.presence.enter();
      await bob.send('Hello from Bob');
      bob.typing.keystroke();
      // Among those who are there, as the author, in the text and among those who type.
      await waitFor(() => (target.textContent?.split('Bob').length ?? 0) >= 5);
      await waitFor(() => bob.read.receipts.has('ada'));
      const input = target.querySelector('input');
      const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
      set?.call(input, 'Hello from Ada');
      input?.dispatchEvent(new Event('input', { bubbles: true }));
      await waitFor(() => bob.typing.users.length === 1);
      target.querySelector('button')?.click();
      await waitFor(() => bob.messages.some(({ text }) => text === 'Hello from Ada'));
      expect(bob.presence.members.map(({ userId }) => userId).sort()).toEqual(['ada', 'bob']);
      await hide();
      // A page that is gone leaves its room a moment later, and with it everything that it listens to.
      await waitFor(() => bob.presence.members.length === 1, 10_000);
      await bob.leave();
      target.remove();
    }),
    20_000,
  );

/** Everything is seen. */
class Seen {
  readonly #callback: IntersectionObserverCallback;
  constructor(callback: IntersectionObserverCallback) {
    this.#callback = callback;
  }
  observe(): void {
    const entry = { isIntersecting: true } as IntersectionObserverEntry;
    queueMicrotask(() => this.#callback([entry], this as unknown as IntersectionObserver));
  }
  unobserve(): void {}
  disconnect(): void {}
}
