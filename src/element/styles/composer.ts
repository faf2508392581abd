/** Where one writes, and what pops up. */
export const COMPOSER = `
.composer {
  flex: none;
  padding: 0.35rem 1.1rem 0.85rem;
  padding-block-end: max(0.85rem, env(safe-area-inset-bottom));
}
.writing { display: flex; align-items: flex-end; gap: 0.5rem; }
.attach .bare { block-size: 46px; }
.composer textarea {
  flex: 1;
  min-inline-size: 0;
  min-block-size: 46px;
  max-block-size: 9.5rem;
  padding: 0.68rem 1rem;
  border: 1px solid var(--line);
  border-radius: 16px;
  background: var(--raised);
  line-height: 1.4;
  resize: none;
}
.composer textarea:focus, .field:focus { outline: 2px solid var(--accent); outline-offset: -1px; background: var(--surface); }
.composer textarea::placeholder, .field::placeholder { color: var(--muted); opacity: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.send { display: inline-flex; flex: none; align-items: center; gap: 0.5rem; block-size: 46px; border-radius: 16px; }
.strip { display: flex; align-items: center; gap: 0.5rem; margin-block-end: 0.4rem; padding-inline-start: 0.8rem; border-inline-start: 3px solid var(--accent); font-size: 0.86rem; }
.strip-text { flex: 1; min-inline-size: 0; }
.strip-title { display: block; font-weight: 650; }
.strip-quote { display: block; overflow: hidden; color: var(--muted); text-overflow: ellipsis; white-space: nowrap; }
.uploads { display: flex; flex-wrap: wrap; gap: 0.4rem; margin-block-end: 0.4rem; }
.uploads .muted { flex-basis: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.upload { display: inline-flex; align-items: center; gap: 0.4rem; max-inline-size: 100%; padding-inline-start: 0.6rem; border: 1px solid var(--line); border-radius: 12px; font-size: 0.84rem; }
.upload .bare { inline-size: 34px; min-block-size: 34px; }
.progress { flex: none; color: var(--muted); font-variant-numeric: tabular-nums; }
@container (max-width: 40em) {
  .composer textarea { padding-inline: 0.75rem; }
  .send span { display: none; }
  .send { padding: 0 13px; }
}
.side .send span { display: none; }
.side .send { padding: 0 13px; }
.popup {
  position: absolute;
  z-index: 10;
  max-inline-size: calc(100% - 8px);
  max-block-size: calc(100% - 8px);
  overflow: auto;
  padding: 0.35rem;
  border: 1px solid var(--line);
  border-radius: 14px;
  background: var(--surface);
  box-shadow: var(--shadow);
}
.menu { inline-size: 15.5rem; }
.item { display: block; inline-size: 100%; padding: 0 12px; border-radius: 9px; font-weight: 500; text-align: start; }
.item:hover, .item:focus-visible { background: var(--raised); }
.item:focus-visible { outline-offset: -3px; }
.item.danger { color: var(--danger); }
.smalls { display: flex; justify-content: space-between; margin-block-end: 0.2rem; padding-block-end: 0.2rem; border-block-end: 1px solid var(--line); }
.item.small, .emoji { inline-size: 38px; padding: 0; border-radius: 10px; font-size: 1.15rem; text-align: center; }
.item.small[aria-checked="true"] { background: color-mix(in srgb, var(--accent) 22%, var(--surface)); }
.picker { display: grid; grid-template-columns: repeat(7, 38px); }
.emoji:hover { background: var(--raised); }
.confirm { inline-size: 17rem; padding: 0.9rem; }
.choices { display: flex; justify-content: flex-end; gap: 0.5rem; margin-block-start: 0.8rem; }
.mentions { inline-size: 15rem; }
.option { display: flex; align-items: center; gap: 0.6rem; padding: 0.35rem 0.5rem; border-radius: 9px; cursor: pointer; }
.option[aria-selected="true"] { background: var(--raised); }
.option .avatar { inline-size: 28px; block-size: 28px; font-size: 0.76rem; }
.option-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
`;
