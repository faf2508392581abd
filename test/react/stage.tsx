import { act, type ReactNode } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { ChatProvider } from '../../src/react/index.js';
import { ADA, Page } from '../ui/page.js';

export { ADA, GRACE_MS, ROOM_SUBSCRIPTIONS } from '../ui/page.js';

/** Tells React whether all that happens is wrapped in `act`. */
function wrapped(all: boolean): void {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = all;
}

/** A page with a React tree. */
export class Stage extends Page {
  #root: Root | undefined;

  constructor() {
    super();
    wrapped(true);
  }

  /** The device's chat, with rooms by name. */
  readonly Chat = ({ children, user = ADA, session = this.session }: ChatProps): ReactNode => (
    <ChatProvider session={session} user={user} createRoom={this.createRoom}>
      {children}
    </ChatProvider>
  );

  async render(tree: ReactNode): Promise<void> {
    const root = this.#root ?? this.#own(createRoot(this.container));
    await act(async () => root.render(tree));
    await this.run(2000);
  }

  async hydrate(tree: ReactNode): Promise<void> {
    await act(async () => {
      this.#own(hydrateRoot(this.container, tree));
    });
  }

  override async end(): Promise<void> {
    try {
      await super.end();
    } finally {
      wrapped(false);
    }
  }

  #own(root: Root): Root {
    this.#root = root;
    this.atEnd(() => root.unmount());
    return root;
  }

  protected override async through<T>(step: () => Promise<T>): Promise<T> {
    let outcome: { value: T } | undefined;
    await act(async () => {
      outcome = { value: await step() };
    });
    if (outcome === undefined) throw new Error('unable to go on; there is no outcome');
    return outcome.value;
  }
}

interface ChatProps {
  children?: ReactNode;
  user?: { id: string; name: string };
  session?: Stage['session'];
}
