import type { Message } from 'momento-chat';
import { useConnection, useDraft, useMembers, useMessages, usePresence, useTyping } from 'momento-chat/react';
import { type FormEvent, memo, useEffect, useRef } from 'react';

export function Chat() {
  return (
    <>
      <h1>React</h1>
      <Connection />
      <MessageList />
      <Typing />
      <Composer />
    </>
  );
}

function Connection() {
  const { status, error } = useConnection();
  const { members } = useMembers();
  usePresence();
  const names = members.map(({ user }) => user.name).join(', ');
  return (
    <>
      <p role="status">{status === 'joined' ? `Here: ${names}` : status}</p>
      <p role="alert">{error?.message}</p>
    </>
  );
}

function MessageList() {
  const { messages, retry } = useMessages();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.scrollTo(0, list.current.scrollHeight);
  }, [messages]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reached by keyboard.
    <div className="messages" ref={list} role="log" aria-label="Messages" tabIndex={0}>
      <ul>
        {messages.map((message) => (
          <Row key={message.id} message={message} retry={retry} />
        ))}
      </ul>
    </div>
  );
}

interface RowProps {
  message: Message;
  retry: (id: string) => Promise<unknown>;
}

/** Renders again when its message is another one, and not with each message of the room. */
const Row = memo(({ message, retry }: RowProps) => (
  <li className={message.status}>
    <b>{message.user.name}</b> {message.text}{' '}
    {message.status === 'failed' && (
      <button type="button" className="quiet" onClick={() => void retry(message.id)}>
        Not sent. Try again
      </button>
    )}
  </li>
));

function Typing() {
  const { users } = useTyping();
  return <p className="typing">{users.length > 0 && `${users.map(({ name }) => name).join(', ')} …`}</p>;
}

function Composer() {
  const { text, setText, send, error } = useDraft();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
  return (
    <form onSubmit={submit}>
      <label className="wide">
        Message
        <input value={text} onChange={(event) => setText(event.target.value)} autoComplete="off" />
      </label>
      <button type="submit">Send</button>
      {error && <p role="alert">{error.message}</p>}
    </form>
  );
}
