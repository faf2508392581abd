import { request } from 'node:http';

/**
 * The readers of `subscribers.ts`, in a process of their own: opens the streams, tells when all of them are live, counts
 * what comes and whether it comes in order, and tells when everything is there.
 */
const [url = '', path = '', authorization = '', body = '', count = '0', messages = '0'] =
  process.argv.slice(2);
const expected = Number(messages);
const subscribers = Number(count);
let live = 0;
let done = 0;
let outOfOrder = 0;
let stalled: { resume(): void } | undefined;

/** Items of the topic carry their number as text; heartbeats carry none. */
const NUMBER = /#(\d+)#/g;

for (let index = 0; index < subscribers; index++) {
  const call = request(
    `${url}${path}`,
    { method: 'POST', agent: false, headers: { 'content-type': 'application/grpc-web', authorization } },
    (response) => {
      let next = 1;
      let rest = '';
      let first = true;
      response.on('error', () => {});
      response.on('data', (chunk: Buffer) => {
        if (first && ++live === subscribers) process.send?.('live');
        first = false;
        rest += chunk.toString('latin1');
        let end = 0;
        for (const match of rest.matchAll(NUMBER)) {
          if (Number(match[1]) !== next++) outOfOrder++;
          end = match.index + match[0].length;
          if (next > expected && ++done === subscribers - 1) process.send?.({ done, outOfOrder });
        }
        rest = rest.slice(end);
        // The last of them stops reading as soon as it is live, until everyone else has everything.
        if (index === subscribers - 1 && !stalled) {
          response.pause();
          stalled = response;
        }
      });
    },
  );
  call.on('error', () => {});
  call.end(Buffer.from(body, 'base64'));
}

process.on('message', (message) => {
  if (message === 'end') process.exit(0);
});
