const LIGHT = `
  color-scheme: light;
  --surface: var(--momento-chat-surface, #ffffff);
  --raised: var(--momento-chat-raised, #eff3f1);
  --line: var(--momento-chat-line, #dde5e1);
  --text: var(--momento-chat-text, #14211b);
  --muted: var(--momento-chat-muted, #56665f);
  --accent: var(--momento-chat-accent, #0a6e52);
  --accent-strong: var(--momento-chat-accent-strong, #085640);
  --on-accent: var(--momento-chat-on-accent, #ffffff);
  --own: var(--momento-chat-own, #0a6e52);
  --own-text: var(--momento-chat-own-text, #f2fff9);
  --danger: var(--momento-chat-danger, #b3261e);
  --danger-ground: var(--momento-chat-danger-ground, #fdecea);
  --on-danger: #ffffff;
  --mark: var(--momento-chat-mark, #fff3d1);
  --ok: #12a874;
  --wait: #c98a00;
  --shadow: 0 1px 2px rgb(12 40 29 / 10%), 0 10px 30px -10px rgb(12 40 29 / 30%);
  --chroma: 46%;
  --shade: 32%;
`;

const DARK = `
  color-scheme: dark;
  --surface: var(--momento-chat-surface, #131b17);
  --raised: var(--momento-chat-raised, #1e2924);
  --line: var(--momento-chat-line, #2a3731);
  --text: var(--momento-chat-text, #e7efea);
  --muted: var(--momento-chat-muted, #9aaca3);
  --accent: var(--momento-chat-accent, #3fd0a0);
  --accent-strong: var(--momento-chat-accent-strong, #67dfb8);
  --on-accent: var(--momento-chat-on-accent, #04231a);
  --own: var(--momento-chat-own, #14553f);
  --own-text: var(--momento-chat-own-text, #eafff6);
  --danger: var(--momento-chat-danger, #ff9c94);
  --danger-ground: var(--momento-chat-danger-ground, #3a1b19);
  --on-danger: #3a0c08;
  --mark: var(--momento-chat-mark, #3b3216);
  --ok: #3fd0a0;
  --wait: #f0b73f;
  --shadow: 0 1px 2px rgb(0 0 0 / 50%), 0 10px 30px -10px rgb(0 0 0 / 80%);
  --chroma: 34%;
  --shade: 36%;
`;

/** Colors and sizes; those that a page may set begin with `--momento-chat-`. */
export const THEME = `
:host {${LIGHT}
  --radius: var(--momento-chat-radius, 18px);
  display: block;
  block-size: var(--momento-chat-height, 36rem);
  color: var(--text);
  background: var(--surface);
  font-family: var(--momento-chat-font, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif);
  font-size: var(--momento-chat-font-size, 16px);
  --momento-chat-rem: 1em;
  line-height: 1.45;
  text-align: start;
}
@media (prefers-color-scheme: dark) {
  :host(:not([theme="light"])) {${DARK}}
}
:host([theme="dark"]) {${DARK}}
:host([hidden]), [hidden] { display: none !important; }
*, *::before, *::after { box-sizing: border-box; }
h2, h3, p, ol, ul { margin: 0; padding: 0; }
ol, ul { list-style: none; }
button, input, textarea { font: inherit; color: inherit; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
/* Read by screen readers, not seen. */
.status[data-status="reconnecting"] { opacity: 0; }
.aside {
  position: absolute;
  inline-size: 1px;
  block-size: 1px;
  margin: -1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
button {
  min-block-size: 40px;
  padding: 0 16px;
  border: 1px solid transparent;
  border-radius: 12px;
  background: none;
  font-weight: 600;
  cursor: pointer;
  transition: background-color 120ms, border-color 120ms;
}
.primary { background: var(--accent); color: var(--on-accent); }
.primary:hover { background: var(--accent-strong); }
.primary.danger { background: var(--danger); color: var(--on-danger); }
.quiet { border-color: var(--line); }
.quiet:hover, .bare:hover { background: var(--raised); }
.bare { flex: none; display: grid; place-items: center; inline-size: 40px; padding: 0; color: var(--muted); }
.icon { fill: currentcolor; flex: none; }
:dir(rtl) > :is(.icon-send, .icon-back) { transform: scaleX(-1); }
.muted { color: var(--muted); font-size: 0.86rem; }
.badge {
  padding: 0.05rem 0.45rem;
  border-radius: 1rem;
  background: var(--accent);
  color: var(--on-accent);
  font-size: 0.75rem;
  font-weight: 700;
}
.field {
  min-inline-size: 0;
  block-size: 40px;
  padding: 0 12px;
  border: 1px solid var(--line);
  border-radius: 12px;
  background: var(--raised);
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; transition: none !important; scroll-behavior: auto !important; }
}
@media (forced-colors: active) {
  .text, .primary, .fresh, .reaction, .popup { border: 1px solid; }
  /* Marked by their ground alone, which is taken away. */
  .option[aria-selected="true"], .reaction[aria-pressed="true"], .item.small[aria-checked="true"], .room-entry[aria-current], .target .text, .target .files { outline: 3px solid Highlight; outline-offset: -3px; }
}
`;
