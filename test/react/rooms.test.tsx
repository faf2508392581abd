import { StrictMode, Suspense } from 'react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { useRooms } from '../../src/react/index.js';
import { useRooms as useOpenRooms } from '../../src/react/suspense.js';
import { ChatError } from '../../src/shared/errors.js';
import { FAIR } from '../support/weather.js';
import { Boundary } from './boundary.js';
import { GRACE_MS, Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

function Rooms({ use }: { use: typeof useRooms }) {
  const { rooms, error } = use();
  return <p>{`${rooms.map(({ title }) => title).join(',')} ${error?.code ?? ''}`}</p>;
}

const BOTH = [
  ['waits for them', useOpenRooms],
  ['shows them', useRooms],
] as const;

it.each(BOTH)('the directory of rooms: %s, and closes it after the grace', async (_, use) => {
  await stage.result(stage.session.rooms.create('lobby', { title: 'Lobby' }));
  const tree = (
    <StrictMode>
      <stage.Chat>
        <Suspense fallback="waiting">
          <Rooms use={use} />
        </Suspense>
      </stage.Chat>
    </StrictMode>
  );
  await stage.render(tree);
  await stage.run(2000);
  expect(stage.text).toBe('Lobby ');
  await stage.result(stage.session.rooms.create('help', { title: 'Help' }));
  await stage.run(2000);
  expect(stage.text).toContain('Help');
  expect(stage.subscriptions).toBeGreaterThan(0);
  await stage.render(null);
  await stage.run(GRACE_MS);
  expect([stage.subscriptions, stage.session.eventNames()]).toEqual([0, []]);
});

/** A session whose first token request fails like this. */
function troubled(code: 'token-unavailable' | 'permission-denied'): Stage['session'] {
  let requests = 0;
  return stage.device.session(async (request) => {
    requests += 1;
    if (requests === 1) throw new ChatError(code, 'unable to get a token; not yet');
    return stage.device.tokens.source(request);
  });
}

function listed(session: Stage['session'], use: typeof useRooms, attempt = 1) {
  return (
    <stage.Chat session={session}>
      <Boundary key={attempt}>
        <Suspense fallback="waiting">
          <Rooms use={use} />
        </Suspense>
      </Boundary>
    </stage.Chat>
  );
}

it.each(BOTH)('an attempt to open it that failed is no error once it is open: %s', async (_, use) => {
  await stage.render(listed(troubled('token-unavailable'), use));
  await stage.run(10_000);
  expect(stage.text).toBe(' ');
});

it('a boundary that tries again after the grace opens it', async () => {
  const session = troubled('permission-denied');
  await stage.render(listed(session, useOpenRooms));
  await stage.run(GRACE_MS);
  expect(stage.text).toBe('permission-denied');
  await stage.render(listed(session, useOpenRooms, 2));
  await stage.run(2000);
  expect(stage.text).toBe(' ');
});

it('it opens it also where another component has used it all the while', async () => {
  const session = troubled('permission-denied');
  const tree = (attempt: number) => (
    <>
      {listed(session, useOpenRooms, attempt)}
      {listed(session, useRooms)}
    </>
  );
  await stage.render(tree(1));
  await stage.run(GRACE_MS);
  expect(stage.text).toBe('permission-denied permission-denied');
  await stage.render(tree(2));
  await stage.run(2000);
  expect(stage.text).toBe('  ');
});

it('a page that was loaded without a network lists the rooms once there is one', async () => {
  await stage.result(stage.session.rooms.create('lobby', { title: 'Lobby' }));
  stage.device.link.weather = { ...FAIR, loseRequest: 1 };
  await stage.render(listed(stage.device.session(), useRooms));
  await stage.run(30_000);
  expect(stage.text).toBe(' network');
  stage.device.link.weather = FAIR;
  await stage.run(60_000);
  expect(stage.text).toBe('Lobby ');
});
