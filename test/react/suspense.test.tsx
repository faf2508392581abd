import { type ReactNode, StrictMode, Suspense } from 'react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RoomProvider } from '../../src/react/index.js';
import { useMessages } from '../../src/react/suspense.js';
import { ChatError } from '../../src/shared/errors.js';
import { Boundary } from './boundary.js';
import { GRACE_MS, Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

const seen: number[] = [];
function Room() {
  const { messages } = useMessages();
  seen.push(messages.length);
  return <p>{messages.map(({ text }) => text).join(',')}</p>;
}

it.each(['inside', 'outside'])(
  'waits %s of the providers for the first messages, on one connection',
  async (where) => {
    const other = await stage.other('lobby');
    await stage.result(other.send('Hello'));
    await stage.result(other.leave());
    const before = stage.subscribed;
    seen.length = 0;
    const room = <Room />;
    const wait = (tree: ReactNode) => <Suspense fallback="waiting">{tree}</Suspense>;
    const providers = (
      <stage.Chat>
        <RoomProvider name="lobby">{where === 'inside' ? wait(room) : room}</RoomProvider>
      </stage.Chat>
    );
    await stage.render(<StrictMode>{where === 'inside' ? providers : wait(providers)}</StrictMode>);
    await stage.run(GRACE_MS * 2);
    expect(stage.text).toBe('Hello');
    expect(Math.min(...seen)).toBe(1);
    expect(stage.subscribed - before).toBe(2);
    expect(stage.subscriptions).toBe(2);
  },
);

it('throws the error of a join that failed', async () => {
  const session = stage.device.session(async () => {
    throw new ChatError('permission-denied', 'unable to get a token; not your room');
  });
  await stage.render(
    <stage.Chat session={session}>
      <RoomProvider name="lobby">
        <Boundary>
          <Suspense fallback="waiting">
            <Room />
          </Suspense>
        </Boundary>
      </RoomProvider>
    </stage.Chat>,
  );
  expect(stage.text).toBe('permission-denied');
});
