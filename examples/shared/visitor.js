const NAMES = ['Ada', 'Alan', 'Barbara', 'Edsger', 'Grace', 'Hedy', 'Linus', 'Margaret'];

/**
 * The visitor at this window: the name in the address (`?name=Ada`), or one of the list, as long as the tab is open.
 * A real app knows its user from the sign-in, and lets the token vendor vouch for the id: see examples/express.
 */
export function visitor() {
  const asked = new URLSearchParams(location.search).get('name')?.trim();
  sessionStorage.name = asked || sessionStorage.name || NAMES[Math.floor(Math.random() * NAMES.length)];
  sessionStorage.id ??= crypto.randomUUID();
  return { id: sessionStorage.id, name: sessionStorage.name };
}
