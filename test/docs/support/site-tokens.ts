import type { MomentoFixture } from 'momento-chat/testing';

/** `fetch` of a page whose server vends tokens at `/token`, for whatever room is asked for. */
export function withTokens({ tokens }: MomentoFixture): typeof fetch {
  const original = globalThis.fetch;
  return async (input, init) => {
    const url = new URL(String(input instanceof Request ? input.url : input), 'http://localhost');
    if (url.pathname !== '/token') return original(input, init);
    return Response.json(await tokens.source({ rooms: url.searchParams.getAll('room') }));
  };
}
