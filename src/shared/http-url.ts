/** Whether the text is a URL over HTTP, where relative ones have the given base. */
export function isHttpUrl(text: string, base?: string): boolean {
  try {
    return /^https?:/.test(new URL(text, base).href);
  } catch {
    return false;
  }
}
