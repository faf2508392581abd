import { StrictMode, Suspense } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ChatProvider, RoomProvider, useConnection, useDraft, useMessages } from '../../src/react/index.js';
import { useMessages as useMessagesWhenJoined } from '../../src/react/suspense.js';
import { ADA, Stage } from './stage.js';

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.end());

function Room({ use = useMessages }: { use?: typeof useMessages }) {
  const { messages, hasOlder } = use();
  const { status } = useConnection();
  const { text } = useDraft();
  return <p>{JSON.stringify([messages.map((message) => message.text), hasOlder, status, text])}</p>;
}

it('a server renders an empty room, opens nothing, and warns of nothing', async () => {
  const html = await stage.onServer(() =>
    renderToString(
      <StrictMode>
        <ChatProvider token="/token" user={ADA}>
          <RoomProvider name="lobby">
            <Room />
            <Suspense fallback="waiting">
              <Room use={useMessagesWhenJoined} />
            </Suspense>
          </RoomProvider>
        </ChatProvider>
      </StrictMode>,
    ),
  );
  expect(html.match(/\[\[\],false,&quot;idle&quot;,&quot;&quot;\]/g)).toHaveLength(2);
  expect(html).not.toContain('waiting');
  expect(stage.complaints).toEqual([]);
});

it('a page from a server is taken over as it is, even where the room is full already', async () => {
  const other = await stage.other('lobby');
  await stage.result(other.send('Hello'));
  const room = stage.room({ room: 'lobby', user: ADA });
  await stage.join(room);
  stage.atEnd(() => room.leave());
  expect(room.messages).toHaveLength(1);
  const tree = (
    <RoomProvider room={room}>
      <Room />
    </RoomProvider>
  );
  stage.container.innerHTML = renderToString(tree);
  expect(stage.text).toBe('[[],false,"idle",""]');
  await stage.hydrate(tree);
  expect(stage.text).toBe('[["Hello"],false,"joined",""]');
  expect(stage.complaints).toEqual([]);
});
