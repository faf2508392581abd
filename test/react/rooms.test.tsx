import { StrictMode, Suspense } from 'react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { useRooms } from '../../src/react/index.js';
import { useRooms as useOpenRooms } from '../../src/react/suspense.js';
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

it.each([
  ['waits for them', useOpenRooms],
  ['shows them', useRooms],
])('the directory of rooms: %s, and closes it after the grace', async (_, use) => {
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
