/** How the parts stand beside each other: rooms, conversation, and what was opened beside it. */
export const FRAME = `
.chat { container-type: inline-size; block-size: 100%; }
.frame {
  position: relative;
  display: grid;
  grid-template-columns: auto minmax(0, 1fr) auto;
  grid-template-rows: minmax(0, 1fr);
  block-size: 100%;
  overflow: hidden;
  border-radius: inherit;
}
.rooms { grid-column: 1; grid-row: 1; inline-size: 15rem; border-inline-end: 1px solid var(--line); }
.main { grid-column: 2; grid-row: 1; }
.side { grid-column: 3; grid-row: 1; inline-size: 21rem; border-inline-start: 1px solid var(--line); }
.main, .rooms, .side, .thread, .conversation, .below {
  display: flex;
  flex-direction: column;
  min-block-size: 0;
  min-inline-size: 0;
  background: var(--surface);
}
.below, .conversation, .thread { flex: 1; }
.below { position: relative; }
.bar {
  display: flex;
  flex: none;
  align-items: center;
  gap: 0.5rem;
  min-block-size: 4.2rem;
  padding: 0.6rem 1.1rem;
  border-block-end: 1px solid var(--line);
}
.bar-text { flex: 1; min-inline-size: 0; }
.tools { display: flex; align-items: center; gap: inherit; margin-inline-start: auto; }
.title, ::slotted([slot="title"]) {
  margin: 0;
  overflow: hidden;
  font-size: 1.1rem;
  font-weight: 700;
  letter-spacing: -0.01em;
  text-overflow: ellipsis;
  white-space: nowrap;
}
/* A name of another direction stands where all others stand. */
[dir="auto"]:not(textarea, input, .text), ::slotted([slot="title"]) { text-align: -webkit-match-parent; text-align: match-parent; }
.side-title { flex: 1; font-size: 1rem; }
.here { display: inline-flex; align-items: center; gap: 0.4rem; padding: 0 12px; color: var(--muted); font-size: 0.88rem; }
.here .number { display: none; }
.status {
  min-block-size: 1.4em;
  overflow: hidden;
  color: var(--muted);
  font-size: 0.86rem;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.status::before { content: ""; display: inline-block; margin-inline-end: 0.45em; vertical-align: 0.1em; inline-size: 8px; block-size: 8px; border-radius: 50%; background: var(--muted); }
.status[data-status="joined"]::before { background: var(--ok); }
.status[data-status="joining"]::before, .status[data-status="reconnecting"]::before {
  background: var(--wait);
  animation: pulse 1.1s ease-in-out infinite alternate;
}
.status[data-status="failed"]::before { background: var(--danger); }
@keyframes pulse { to { opacity: 0.25; } }
.banner { padding: 0.35rem 1.1rem; background: var(--mark); color: var(--text); font-size: 0.86rem; text-align: center; }
.side .banner { display: none; }
.scroll { flex: 1; min-block-size: 0; overflow: hidden auto; overscroll-behavior: contain; padding: 0.6rem; }
.hint { padding: 1.5rem; color: var(--muted); text-align: center; }
.empty {
  position: absolute;
  inset: 0 0 5rem;
  display: grid;
  place-items: center;
  padding: 2rem;
  color: var(--muted);
  text-align: center;
  pointer-events: none;
}
.notice {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: flex-end;
  gap: 0.5rem;
  padding: 0.6rem 1.1rem;
  border-block-start: 1px solid var(--line);
  background: var(--danger-ground);
  font-size: 0.92rem;
}
.notice-text { flex: 1 11rem; overflow-wrap: anywhere; }
.notice button { flex: none; min-block-size: 36px; padding: 0 12px; border-color: color-mix(in srgb, var(--danger) 45%, transparent); }
.to-rooms { display: none; }

@container (min-width: 48.01em) and (max-width: 62em) {
  /* There is no room for the list beside a pane, which covers nothing. */
  .rooms:has(~ .side:not([hidden])) { display: none; }
}
@container (max-width: 48em) {
  .rooms { grid-column: 1 / -1; position: absolute; inset-block: 0; inset-inline-start: 0; z-index: 4; display: none; box-shadow: var(--shadow); }
  .rooms-open .rooms { display: flex; }
  .to-rooms { display: grid; }
}
@container (max-width: 45em) {
  /* Beside a pane, less would be left than a phone has. */
  /* Over all columns: what is absolute in a grid takes its measure from its own area. */
  .side { grid-column: 1 / -1; position: absolute; inset: 0; z-index: 3; inline-size: 100%; border: 0; }
  /* No key goes to what is covered. Name and status are for those who hear the page; a failure is told above the pane. */
  .main:has(~ .side:not([hidden])) { visibility: hidden; }
  .main:has(~ .side:not([hidden])) :is(.bar-text, .notice) { visibility: visible; }
  .side .banner { display: block; }
  .main:has(~ .side:not([hidden])) .notice { position: absolute; inset: 4.2rem 0 auto; z-index: 4; }
}
@container (max-width: 40em) {
  .rooms { inline-size: min(20rem, 85%); }
  .bar, .log, .notice, .composer { padding-inline: max(0.9rem, env(safe-area-inset-left)) max(0.9rem, env(safe-area-inset-right)); }
  .bar { padding-block-start: max(0.6rem, env(safe-area-inset-top)); }
  .bar { gap: 0.25rem; }
  /* Beside a page's own buttons the name of the room would have no place: the buttons go below. */
  .main > .bar { flex-wrap: wrap; }
  .bar-text { flex-basis: 8rem; }
  .status { white-space: normal; line-height: 1.25; }
  .here { padding: 0 8px; }
  .here .words { display: none; }
  .here .number { display: inline; }
}
`;
