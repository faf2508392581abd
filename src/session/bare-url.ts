/** Returns how a message names a URL, valid or not: without its query and its credentials, which may be secrets. */
export function bareUrl(url: string | URL): string {
  return String(url)
    .replace(/[?#].*/s, '')
    .replace(/[^/\\]*@/, '');
}
