import { act, memo, StrictMode, useRef } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  RoomProvider,
  useDraft,
  useMarkRead,
  useMembers,
  useMessages,
  usePinned,
  usePresence,
  useReceipts,
  useSignal,
  useTyping,
  useUnread,
} from '../../src/react/index.js';
import { GRACE_MS, Stage } from './stage.js';

let stage: Stage;
let rendered: Record<string, number>;
beforeEach(() => {
  stage = new Stage();
  rendered = {};
});
afterEach(() => stage.end());

const count = (what: string) => {
  rendered[what] = (rendered[what] ?? 0) + 1;
};

async function bob() {
  const other = await stage.other('lobby');
  return other;
}

const show = (tree: React.ReactNode) =>
  stage.render(
    <StrictMode>
      <stage.Chat>
        <RoomProvider name="lobby">{tree}</RoomProvider>
      </stage.Chat>
    </StrictMode>,
  );

describe('typing', () => {
  const Row = memo(({ text }: { text: string }) => {
    count(text);
    return <li>{text}</li>;
  });

  function List() {
    const { messages } = useMessages();
    count('list');
    return messages.map(({ id, text }) => <Row key={id} text={text} />);
  }

  function Typing() {
    const { users, many } = useTyping();
    return <p>{`typing: ${users.map(({ name }) => name).join(',')} ${many}`}</p>;
  }

  function Composer() {
    const { text, setText, send } = useDraft();
    return <input value={text} onChange={({ target }) => setText(target.value)} onBlur={() => void send()} />;
  }

  it('somebody types: no message renders; the own draft tells others, and its message ends that', async () => {
    const other = await bob();
    const seen: string[] = [];
    other.on('typing', (users) => seen.push(users.map(({ name }) => name).join(',')));
    await show([<List key="list" />, <Typing key="typing" />, <Composer key="composer" />]);
    await stage.result(other.send('Hello'));
    await stage.run(1000);
    const before = { ...rendered };
    other.typing.keystroke();
    await stage.run(1000);
    expect(stage.text).toContain('typing: Bob false');
    other.typing.stop();
    await stage.run(1000);
    expect(stage.text).toContain('typing:  false');
    await stage.type('Hi');
    await stage.run(1000);
    expect(rendered).toEqual(before);
    expect(seen).toEqual(['Ada']);
    await act(async () => stage.input.dispatchEvent(new FocusEvent('focusout', { bubbles: true })));
    await stage.run(1000);
    expect(stage.input.value).toBe('');
    expect(stage.text).toContain('Hi');
    expect(seen).toEqual(['Ada', '']);
  });
});

describe('presence', () => {
  function Me({ mood }: { mood: string }) {
    const { error } = usePresence({ mood });
    return <p>{error?.code}</p>;
  }

  function Names() {
    const names = useMembers(({ members }) => members.map(({ user }) => user.name));
    count('names');
    return <p>{`here: ${names.join(',')}`}</p>;
  }

  function Count() {
    const { count: members } = useMembers();
    return <p>{`count: ${members}`}</p>;
  }

  it('entering shows the user once, new data is an update, and unmounting leaves after the grace', async () => {
    const other = await bob();
    const changes: string[] = [];
    other.on('presence', ({ type, member }) => changes.push(`${type} ${member.userId} ${member.data?.mood}`));
    await show(<Me mood="fine" />);
    await stage.run(1000);
    await show(<Me mood="fine" />);
    await show(<Me mood="great" />);
    await stage.run(6000);
    expect(changes).toEqual(['enter ada fine', 'update ada great']);
    await show(null);
    await stage.run(GRACE_MS + 6000);
    expect(changes.slice(2)).toEqual(['leave ada great']);
  });

  it('whoever leaves the room and joins it again is present again', async () => {
    const other = await bob();
    other.on('presence', () => {});
    await show(<Me mood="fine" />);
    await stage.run(2000);
    expect(other.presence.count).toBe(1);
    await stage.result(stage.lastRoom.leave());
    await stage.run(10_000);
    expect(other.presence.count).toBe(0);
    await stage.result(stage.lastRoom.join());
    await stage.run(10_000);
    expect(other.presence.count).toBe(1);
  });

  it('watching does not enter, and a selector renders for what it selects', async () => {
    const other = await bob();
    await show([<Names key="names" />, <Count key="count" />]);
    expect(stage.text).toBe('here: count: 0');
    await stage.result(other.presence.enter({ mood: 'fine' }));
    await stage.run(6000);
    expect(stage.text).toBe('here: Bobcount: 1');
    const before = rendered.names;
    await stage.result(other.presence.update({ mood: 'great' }));
    await stage.run(6000);
    expect(rendered.names).toBe(before);
  });
});

describe('reading', () => {
  const seen: { report(isIntersecting: boolean): void }[] = [];

  /** As of a browser, except that the test says what is seen. */
  class Observer {
    readonly #callback: IntersectionObserverCallback;
    isIntersecting = false;
    constructor(callback: IntersectionObserverCallback) {
      this.#callback = callback;
      seen.push(this);
    }
    report(isIntersecting = this.isIntersecting) {
      this.isIntersecting = isIntersecting;
      this.#callback(
        [{ isIntersecting } as IntersectionObserverEntry],
        this as unknown as IntersectionObserver,
      );
    }
    observe() {
      queueMicrotask(() => this.report());
    }
    unobserve() {}
    disconnect() {
      seen.splice(seen.indexOf(this), 1);
    }
  }

  beforeEach(() => void vi.stubGlobal('IntersectionObserver', Observer));
  afterEach(() => void vi.unstubAllGlobals());

  function List() {
    const end = useRef<HTMLDivElement>(null);
    useMarkRead(end);
    return <div ref={end} />;
  }

  function Badge() {
    const { count: unread, mark } = useUnread();
    const receipts = useReceipts();
    const { pinned } = usePinned();
    return (
      <button type="button" onClick={() => void mark()}>
        {`unread: ${unread} readers: ${receipts.size} pinned: ${pinned.map(({ text }) => text).join(',')}`}
      </button>
    );
  }

  it('what is seen is marked, what is out of sight is not', async () => {
    const other = await bob();
    await show([<List key="list" />, <Badge key="badge" />]);
    await stage.run(1000);
    await stage.result(other.send('one'));
    await stage.run(2000);
    expect(stage.text).toContain('unread: 1');
    expect(seen).toHaveLength(1);
    await act(async () => seen[0]?.report(true));
    await stage.run(2000);
    expect(stage.text).toContain('unread: 0');
    await stage.result(other.send('two'));
    await stage.run(2000);
    expect(stage.text).toContain('unread: 0 readers: 1');
    await act(async () => seen[0]?.report(false));
    await stage.result(other.send('three'));
    await stage.run(2000);
    expect(stage.text).toContain('unread: 1');
    await show(null);
    expect(seen).toEqual([]);
  });

  it('pins show', async () => {
    const other = await bob();
    await show(<Badge />);
    const { id } = await stage.result(other.send('one'));
    await stage.result(other.pin(id));
    await stage.run(2000);
    expect(stage.text).toContain('pinned: one');
  });
});

describe('signals and drafts', () => {
  function Dice({ prefix, log }: { prefix: string; log: string[] }) {
    const { send } = useSignal('dice', ({ data }) => log.push(`${prefix} ${data.pips}`));
    return (
      <button type="button" onClick={() => void send({ pips: 6 })}>
        roll
      </button>
    );
  }

  it('the newest listener hears each signal of its type once', async () => {
    const other = await bob();
    const log: string[] = [];
    await show(<Dice prefix="a" log={log} />);
    await show(<Dice prefix="b" log={log} />);
    await stage.result(other.signal('dice', { pips: 4 }));
    await stage.result(other.signal('cursor', { x: 1 }));
    await stage.run(1000);
    expect(log).toEqual(['b 4']);
    const rolled = new Promise((resolve) =>
      other.on('signal', ({ own, data }) => !own && resolve(data.pips)),
    );
    await act(async () => stage.container.querySelector('button')?.click());
    expect(await stage.result(rolled)).toBe(6);
  });

  function Composer() {
    const { text, error, setText, send } = useDraft();
    return (
      <p>
        <input value={text} onChange={({ target }) => setText(target.value)} />
        <button type="button" onClick={() => void send()}>
          {`error: ${error?.code}`}
        </button>
      </p>
    );
  }

  it('a draft outlives its component, and comes back with the reason when the room does not take it', async () => {
    await show(<Composer />);
    await stage.type('Hel');
    await show(null);
    await show(<Composer />);
    expect(stage.input.value).toBe('Hel');
    await stage.result(stage.lastRoom.leave());
    await act(async () => stage.container.querySelector('button')?.click());
    await stage.run(100);
    expect(stage.input.value).toBe('Hel');
    expect(stage.text).toContain('error: not-joined');
    await stage.type('Hello');
    expect(stage.text).toContain('error: undefined');
  });
});
