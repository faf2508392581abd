/** The styles of the panes beside the conversation. */
export const PANES = `
.person { display: flex; align-items: center; gap: 0.7rem; padding: 0.35rem 0.5rem; }
.person-name { min-inline-size: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.person-name:has(+ button) { flex: 1; }
.hidden-people { margin-block-start: 0.8rem; padding-block-start: 0.8rem; border-block-start: 1px solid var(--line); }
.hidden-people h3 { padding-inline: 0.5rem; font-weight: 600; }
.hidden-people button { flex: none; min-block-size: 34px; padding: 0 12px; font-size: 0.86rem; }
.search { display: flex; flex: 1; flex-direction: column; min-block-size: 0; }
.search form { flex: none; padding: 0.7rem 0.6rem 0; }
.search .field { inline-size: 100%; }
.search .field::-webkit-search-cancel-button { appearance: none; }
.search .muted[role="status"] { min-block-size: 1.5em; margin-block-start: 0.5rem; padding-inline: 0.3rem; }
.search .older { margin-block-start: 0.6rem; }
.hit-head { display: flex; align-items: baseline; gap: 0.5rem; }
.hit-head .quote-author { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.hit-head time { flex: none; font-size: 0.76rem; }
.hit mark { border-radius: 3px; background: var(--mark); color: inherit; font-weight: 650; }
.around { position: relative; }
.target { outline: none; }
.target .text, .target .files { box-shadow: 0 0 0 3px var(--wait); }
.pinned { display: block; inline-size: 100%; padding: 0.5rem 0.7rem; border-color: var(--line); font-weight: 400; text-align: start; }
.pinned:hover { background: var(--raised); }
.pins li + li { margin-block-start: 0.5rem; }
.pinned-text { display: -webkit-box; overflow: hidden; overflow-wrap: anywhere; -webkit-box-orient: vertical; -webkit-line-clamp: 4; line-clamp: 4; }
.thread-root { flex: none; max-block-size: 40%; overflow: hidden auto; padding: 0 1.1rem 0.9rem; border-block-end: 1px solid var(--line); }
.thread-root .text { max-block-size: none; }
.room-entry {
  display: grid;
  grid-template-columns: minmax(0, 1fr) auto;
  align-items: center;
  inline-size: 100%;
  padding: 0.5rem 0.7rem;
  font-weight: 500;
  text-align: start;
}
.room-entry:hover { background: var(--raised); }
.room-entry[aria-current] { background: var(--raised); box-shadow: inset 3px 0 0 var(--accent); }
:dir(rtl) > .room-entry[aria-current] { box-shadow: inset -3px 0 0 var(--accent); }
.room-name { overflow: hidden; font-weight: 650; text-overflow: ellipsis; white-space: nowrap; }
.room-last { grid-column: 1 / -1; overflow: hidden; color: var(--muted); font-size: 0.84rem; text-overflow: ellipsis; white-space: nowrap; }
.badge.mentioning { background: var(--danger); color: var(--on-danger); }
.new-room { display: flex; flex-wrap: wrap; gap: 0.4rem; padding: 0.7rem; border-block-start: 1px solid var(--line); }
.new-room .field { flex: 1; }
.new-room p:not(:empty) { flex-basis: 100%; color: var(--danger); font-size: 0.84rem; }
`;
