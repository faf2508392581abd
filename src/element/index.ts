import { MomentoChat } from './momento-chat.js';

export type { Texts } from './texts/texts.js';
export { MomentoChat };

// Twice on a page, as from two bundles, the first one stays.
if (globalThis.customElements && !customElements.get('momento-chat'))
  customElements.define('momento-chat', MomentoChat);

declare global {
  interface HTMLElementTagNameMap {
    'momento-chat': MomentoChat;
  }
}
