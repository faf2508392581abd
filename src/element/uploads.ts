import type { FileRef } from '../messages/message.js';
import { button, h, icon, isolated, setText } from './dom.js';
import type { Files } from './faces.js';
import { InWords } from './texts/language.js';
import type { Ui } from './ui.js';

const MAX_FILES = 10;

/** The files of a message. */
export interface Uploaded {
  files: FileRef[];
  /** One could not be uploaded, which was told. */
  failed: boolean;
}

interface Upload {
  element: HTMLElement;
  done: Promise<FileRef>;
  stop: AbortController;
  /** Whether its message was sent, and waits for it. */
  taken: boolean;
  /** The user took it out. */
  removed: boolean;
}

/** The files of a draft: each is uploaded at once, and can be taken out again until its message leaves. */
export class Uploads {
  readonly element = h('ul', { class: 'uploads', part: 'uploads', hidden: true });
  readonly #ui: Ui;
  readonly #files: Files;
  readonly #onFailure: (error: unknown) => void;
  readonly #onRemoved: () => void;
  #uploads: Upload[] = [];

  constructor(
    ui: Ui,
    files: Files,
    { onFailure, onRemoved }: { onFailure: (error: unknown) => void; onRemoved: () => void },
  ) {
    this.#ui = ui;
    this.#files = files;
    this.#onFailure = onFailure;
    this.#onRemoved = onRemoved;
  }

  get isEmpty(): boolean {
    return this.#draft.length === 0;
  }

  get #draft(): Upload[] {
    return this.#uploads.filter(({ taken }) => !taken);
  }

  add(files: Iterable<File>): void {
    const all = [...files];
    const room = Math.max(0, MAX_FILES - this.#draft.length);
    for (const file of all.slice(0, room)) this.#add(file);
    if (all.length > room) this.#onFailure(new InWords(this.#ui.texts.tooManyFiles(MAX_FILES)));
  }

  /**
   * Takes the files out of the draft, and shows the text that waits for them; resolves once each is uploaded, has failed, or was
   * taken out by the user.
   */
  async take(text: string): Promise<Uploaded> {
    const uploads = this.#draft;
    for (const upload of uploads) upload.taken = true;
    const waiting = h('li', { class: 'muted', dir: 'auto' }, text);
    if (text !== '') uploads[0]?.element.before(waiting);
    const settled = await Promise.allSettled(uploads.map(({ done }) => done));
    waiting.remove();
    const wanted = settled.filter((_, index) => !uploads[index]?.removed);
    for (const upload of uploads) this.#remove(upload);
    return {
      files: wanted.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
      failed: wanted.some(({ status }) => status === 'rejected'),
    };
  }

  /** Drops the files of the draft; those that were sent are uploaded to their end. */
  clear(): void {
    for (const upload of this.#draft) {
      upload.stop.abort();
      this.#remove(upload);
    }
  }

  /** Files that are uploaded already come back into the draft. */
  putBack(refs: readonly FileRef[]): void {
    for (const ref of refs) {
      const progress = h('span', { class: 'progress' }, this.#ui.format.size(ref.size));
      this.#put(ref.name, progress, Promise.resolve(ref), new AbortController());
    }
    if (this.#draft.length > MAX_FILES) this.#onFailure(new InWords(this.#ui.texts.tooManyFiles(MAX_FILES)));
  }

  #add(file: File): void {
    const { format, texts } = this.#ui;
    const stop = new AbortController();
    const progress = h('span', { class: 'progress' }, format.percent(0));
    const done = this.#files.upload(file, {
      name: file.name,
      signal: stop.signal,
      onProgress: (part) => setText(progress, format.percent(part)),
    });
    const upload = this.#put(file.name, progress, done, stop);
    done.then(
      () => setText(progress, format.size(file.size)),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        this.#remove(upload);
        const tooLarge = (error as { code?: unknown } | undefined)?.code === 'message-too-large';
        this.#onFailure(tooLarge ? new InWords(texts.fileTooLarge(isolated(file.name))) : error);
      },
    );
  }

  #put(name: string, progress: HTMLElement, done: Promise<FileRef>, stop: AbortController): Upload {
    const remove = () => {
      upload.removed = true;
      stop.abort();
      this.#remove(upload);
      this.#onRemoved();
    };
    const element = h(
      'li',
      { class: 'upload', part: 'upload' },
      icon('file'),
      h('span', { class: 'file-name', dir: 'auto' }, name),
      progress,
      button(
        { class: 'bare', label: this.#ui.texts.removeFile(isolated(name)), onclick: remove },
        icon('close'),
      ),
    );
    const upload = { element, done, stop, taken: false, removed: false };
    this.#uploads.push(upload);
    this.element.append(element);
    this.element.hidden = false;
    return upload;
  }

  #remove(upload: Upload): void {
    this.#uploads = this.#uploads.filter((one) => one !== upload);
    upload.element.remove();
    this.element.hidden = this.#uploads.length === 0;
  }
}

/** Opens the system's choice of files. */
export function attachButton({ texts }: Ui, uploads: Uploads, onChosen: () => void): HTMLElement {
  const input = h('input', {
    type: 'file',
    multiple: true,
    hidden: true,
    onchange: () => {
      uploads.add(input.files ?? []);
      input.value = '';
      onChosen();
    },
  });
  return h(
    'div',
    { class: 'attach' },
    input,
    button(
      { class: 'bare', part: 'attach', label: texts.attach, onclick: () => input.click() },
      icon('attach'),
    ),
  );
}

/** Takes files that are pasted into a text. */
export function takePastes(text: HTMLElement, take: (files: FileList) => void): void {
  text.addEventListener('paste', (event) => {
    const { files, types = [] } = event.clipboardData ?? {};
    // Office programs give a picture of the text along with it.
    if (!files?.length || (types.includes('text/plain') && types.includes('text/html'))) return;
    event.preventDefault();
    take(files);
  });
}

/** Takes files that are dropped onto an element. A field for files that the page put into it takes its own. */
export function takeDrops(element: HTMLElement, take: (files: FileList) => void): void {
  const listen = (type: 'dragover' | 'drop', act: (data: DataTransfer) => void) =>
    element.addEventListener(type, (event) => {
      const { dataTransfer, target } = event;
      if (!dataTransfer?.types.includes('Files') || (target as HTMLInputElement).type === 'file') return;
      event.preventDefault();
      act(dataTransfer);
    });
  listen('dragover', () => {});
  listen('drop', ({ files }) => take(files));
}
