/** One id for one name in one browser, so that after a reload one's own messages are still one's own. */
export function idOf(name: string): string {
  const key = `momento-chat-demo:${name}`;
  try {
    const known = localStorage.getItem(key);
    if (known !== null) return known;
    const id = crypto.randomUUID();
    localStorage.setItem(key, id);
    return id;
  } catch {
    // Storage may be forbidden; then the id lasts as long as the page.
    return crypto.randomUUID();
  }
}
