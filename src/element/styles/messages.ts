/** The log, and what stands in it once. */
export const MESSAGES = `
.stage { position: relative; flex: 1; min-block-size: 0; }
.log {
  position: relative;
  display: flex;
  flex-direction: column;
  block-size: 100%;
  padding: 1rem 1.1rem 0.5rem;
  overflow: hidden auto;
  overscroll-behavior: contain;
}
.log:focus-visible { outline-offset: -3px; }
.end { flex: none; block-size: 4px; margin-block-start: -4px; }
.older { display: flex; justify-content: center; }
.older button { min-block-size: 34px; font-size: 0.86rem; }
.older button[aria-disabled="true"] { opacity: 0.55; cursor: progress; }
/* The first messages of a room stand where one writes, not a screen above. */
.messages { margin-block-start: auto; }
.messages.long ol { content-visibility: auto; }
.day, .unread {
  grid-column: 1 / -1;
  display: flex;
  align-items: center;
  gap: 0.8rem;
  margin: 0.35rem 0 0.9rem;
  color: var(--muted);
  font-size: 0.78rem;
  font-weight: 600;
}
.day::before, .day::after, .unread::before, .unread::after { content: ""; flex: 1; block-size: 1px; background: var(--line); }
.unread { color: var(--danger); }
.unread::before, .unread::after { background: currentcolor; opacity: 0.5; }
.fresh {
  position: absolute;
  inset-block-end: 0.75rem;
  inset-inline: 0;
  inline-size: fit-content;
  margin-inline: auto;
  min-block-size: 36px;
  border-radius: 18px;
  background: var(--accent);
  color: var(--on-accent);
  box-shadow: var(--shadow);
  font-size: 0.88rem;
}
.fresh::after { content: " ↓" / ""; }
.typing {
  flex: none;
  block-size: 1.5rem;
  padding-inline: 1.3rem;
  overflow: hidden;
  color: var(--muted);
  font-size: 0.8rem;
  text-overflow: ellipsis;
  white-space: nowrap;
}
@media (prefers-reduced-motion: no-preference) {
  .message.arriving { animation: arrive 180ms ease-out; }
  .message.found .text, .message.found .files { animation: found 1600ms ease-out; }
}
.message.found .text { outline: 2px solid transparent; }
@keyframes arrive { from { opacity: 0; transform: translateY(6px); } }
@keyframes found { from { outline: 3px solid var(--wait); outline-offset: 2px; } }
`;
