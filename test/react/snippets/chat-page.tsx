import type { Message } from 'momento-chat';
import {
  ChatProvider,
  RoomProvider,
  useConnection,
  useDraft,
  useMarkRead,
  useMembers,
  useMessages,
  usePresence,
  useTyping,
} from 'momento-chat/react';
import { type FormEvent, memo, useRef } from 'react';

export function ChatPage() {
  return (
    <ChatProvider token="/token" user={{ id: 'ada', name: 'Ada' }}>
      <RoomProvider name="lobby">
        <Status />
        <MessageList />
        <Typing />
        <Composer />
      </RoomProvider>
    </ChatProvider>
  );
}

function Status() {
  const { status, error } = useConnection();
  const { members } = useMembers();
  usePresence();
  return (
    <>
      <p>
        {status} {error?.message}
      </p>
      <p>Here: {members.map((member) => member.user.name).join(', ')}</p>
    </>
  );
}

function MessageList() {
  const { messages } = useMessages();
  const end = useRef<HTMLDivElement>(null);
  useMarkRead(end);
  return (
    <>
      <ul>
        {messages.map((message) => (
          <Row key={message.id} message={message} />
        ))}
      </ul>
      <div ref={end} />
    </>
  );
}

const Row = memo(({ message }: { message: Message }) => (
  <li>
    <b>{message.user.name}</b> {message.text}
  </li>
));

function Typing() {
  const { users } = useTyping();
  return <p>{users.map((user) => user.name).join(', ')}</p>;
}

function Composer() {
  const { text, setText, send } = useDraft();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
  return (
    <form onSubmit={submit}>
      <input value={text} onChange={(event) => setText(event.target.value)} placeholder="Write a message" />
      <button type="submit">Send</button>
    </form>
  );
}
