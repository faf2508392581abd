/** A message. */
export const ROWS = `
.message {
  position: relative;
  display: grid;
  grid-template-columns: 36px minmax(0, 1fr);
  column-gap: 0.65rem;
  padding-block-start: 0.9rem;
}
.message.grouped { padding-block-start: 0.2rem; }
.avatar {
  flex: none;
  grid-column: 1;
  display: grid;
  place-items: center;
  inline-size: 36px;
  block-size: 36px;
  overflow: hidden;
  border-radius: 50%;
  background: hsl(var(--hue, 205deg) var(--chroma) var(--shade));
  color: #ffffff;
  font-size: 0.9rem;
  font-weight: 700;
  user-select: none;
}
.avatar::before { content: attr(data-initial); }
.avatar:not([data-initial=""])::before { display: block; }
.avatar[data-initial=""]::before { display: none; }
${[205, 262, 328, 14, 38, 96, 176, 234].map((hue, at) => `.avatar[data-hue="${at}"] { --hue: ${hue}deg; }`).join('\n')}
.message.grouped .avatar { visibility: hidden; block-size: 0; }
.message.own { grid-template-columns: minmax(0, 1fr); }
.message.own .avatar { display: none; }
.body { grid-column: 2; display: flex; flex-direction: column; align-items: flex-start; min-inline-size: 0; }
.message.own .body { grid-column: 1; align-items: flex-end; }
.meta { display: flex; align-items: baseline; gap: 0.5rem; max-inline-size: 100%; margin-block-end: 0.2rem; font-size: 0.82rem; }
.author { overflow: hidden; font-weight: 650; text-overflow: ellipsis; white-space: nowrap; }
.meta time { flex: none; color: var(--muted); font-size: 0.76rem; font-variant-numeric: tabular-nums; }
.line { display: flex; align-items: center; gap: 0.2rem; max-inline-size: min(36rem, 96%); }
.message.own .line { flex-direction: row-reverse; }
.text {
  min-inline-size: 0;
  padding: 0.5rem 0.85rem;
  border-radius: 6px var(--radius) var(--radius);
  background: var(--raised);
  overflow: clip;
  overflow-wrap: anywhere;
  white-space: pre-wrap;
}
:dir(rtl) > .text { border-radius: var(--radius) 6px var(--radius) var(--radius); }
.message.grouped .text { border-radius: var(--radius); }
.message.own .text { border-radius: var(--radius) 6px var(--radius) var(--radius); background: var(--own); color: var(--own-text); }
.message.own:dir(rtl) .text { border-radius: 6px var(--radius) var(--radius); }
.message.own.grouped .text { border-radius: var(--radius); }
.text.tall { max-block-size: 18rem; }
.message[data-state="sending"] .text { opacity: 0.88; }
.message[data-state="failed"] .text { background: var(--danger-ground); color: var(--text); box-shadow: inset 0 0 0 1px var(--danger); }
.message.deleted .text { background: none; border: 1px dashed var(--line); color: var(--muted); font-style: italic; }
.message.mentioned .text { background: var(--mark); border-inline-start: 3px solid var(--wait); }
.message.system { display: block; text-align: center; }
.message.system .avatar, .message.system .meta { display: none; }
.message.system .body { align-items: center; }
.message.system .text { background: none; color: var(--muted); font-size: 0.86rem; }
.text a { color: inherit; text-decoration-thickness: 1px; text-underline-offset: 2px; }
.mention { font-weight: 650; }
.message:not(.own) .mention { color: var(--accent); }
.more { flex: none; display: grid; place-items: center; inline-size: 32px; min-block-size: 32px; padding: 0; border-radius: 10px; color: var(--muted); }
.more:hover, .more[aria-expanded="true"] { background: var(--raised); color: var(--text); }
@media (hover: hover) {
  .more { opacity: 0; }
  .message:hover .more, .message:focus-within .more, .more[aria-expanded="true"] { opacity: 1; }
}
.foot { display: flex; flex-wrap: wrap; align-items: center; gap: 0.35rem; max-inline-size: 100%; }
.foot:not(:empty) { margin-block-start: 0.25rem; }
.edited { color: var(--muted); font-size: 0.76rem; }
.reactions { display: flex; flex-wrap: wrap; gap: 0.25rem; min-inline-size: 0; }
.message.own .foot, .message.own .reactions, .message.own .files { justify-content: flex-end; }
.reaction {
  display: inline-flex;
  align-items: center;
  gap: 0.3rem;
  max-inline-size: 9rem;
  min-block-size: 30px;
  padding: 0 9px;
  border-color: var(--line);
  border-radius: 15px;
  background: var(--surface);
  font-size: 0.82rem;
  font-weight: 500;
}
.emoji-of { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.reaction:hover { background: var(--raised); }
.reaction[aria-pressed="true"] { border-color: var(--accent); background: color-mix(in srgb, var(--accent) 14%, var(--surface)); }
.thread-link, .whole { min-block-size: 30px; padding: 0 10px; border-radius: 15px; color: var(--accent); font-size: 0.84rem; }
.thread-link { display: inline-flex; align-items: center; gap: 0.4rem; border-color: var(--line); }
.thread-link:hover, .whole:hover { background: var(--raised); }
.quote {
  display: block;
  max-inline-size: min(30rem, 92%);
  min-block-size: 28px;
  margin-block-end: 0.2rem;
  padding: 0.1rem 0.7rem;
  overflow: hidden;
  border: 0;
  border-inline-start: 3px solid var(--accent);
  border-radius: 4px;
  color: var(--muted);
  font-size: 0.84rem;
  font-weight: 400;
  text-align: start;
  text-overflow: ellipsis;
  white-space: nowrap;
}
.quote:hover { background: var(--raised); }
.quote-author { color: var(--text); font-weight: 650; }
.failure { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem; margin-block-start: 0.3rem; color: var(--danger); font-size: 0.84rem; }
.failure button { min-block-size: 32px; padding: 0 12px; border-radius: 10px; color: var(--text); font-size: 0.84rem; }
.files { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 0.4rem; max-inline-size: 100%; margin-block-start: 0.25rem; }
.picture { min-block-size: 0; max-inline-size: 100%; padding: 0; overflow: hidden; border-color: var(--line); border-radius: 12px; background: var(--raised); line-height: 0; }
.picture canvas { max-inline-size: 100%; }
.file { display: inline-flex; align-items: center; gap: 0.5rem; max-inline-size: 18rem; border-color: var(--line); font-size: 0.88rem; font-weight: 500; }
.file:hover { background: var(--raised); }
.file-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.file-size { flex: none; color: var(--muted); font-size: 0.8rem; }
`;
