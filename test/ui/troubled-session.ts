import { ChatError, type ChatErrorCode } from '../../src/shared/errors.js';
import type { Page } from './page.js';

/** A session whose requests for tokens fail until `allow()`, those for the rooms in `granted` excepted. */
export function troubledSession(page: Page, code: ChatErrorCode, { granted = [] as string[] } = {}) {
  let isAllowed = false;
  const requests: string[][] = [];
  const session = page.device.session(async (request) => {
    requests.push([...request.rooms]);
    if (!isAllowed && !request.rooms.every((room) => granted.includes(room)))
      throw new ChatError(code, 'unable to get a token; not yet');
    return page.device.tokens.source(request);
  });
  return {
    session,
    requests,
    allow: () => {
      isAllowed = true;
    },
  };
}
