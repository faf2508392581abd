import { ChatProvider, RoomProvider } from 'momento-chat/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { visitor } from '../shared/visitor.js';
import { Chat } from './chat.js';

const user = visitor();
const root = document.getElementById('app');
if (root)
  createRoot(root).render(
    <StrictMode>
      <ChatProvider token="/token" user={user}>
        <RoomProvider name="general">
          <Chat />
        </RoomProvider>
      </ChatProvider>
    </StrictMode>,
  );
