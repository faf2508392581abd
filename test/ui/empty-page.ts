import { afterAll } from 'vitest';

// Files that share a process share its document.
afterAll(() => {
  document.body.replaceChildren();
  localStorage.clear();
});
