import type { FileRef } from '../messages/message.js';
import { loadPart } from '../shared/load-part.js';
import { button, h, icon, isolated } from './dom.js';
import type { Ui } from './ui.js';

export interface FileActions {
  /** Resolves once files can be downloaded, however often the room could not be joined before. Absent where they can be. */
  joined?: (() => Promise<void>) | undefined;
  download(ref: FileRef): Promise<Blob>;
  /** Tells of a download that failed. */
  failed(error: unknown): void;
}

const PICTURES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
/** Larger pictures are not drawn: a file of a few kilobytes may unfold to gigabytes (pixels, of four bytes each). */
const MAX_PIXELS = 36_000_000;
/** Within so many bytes a picture says its size. */
const HEADER_BYTES = 262_144;
/** A picture is shown in at most so many CSS pixels. */
const MAX_WIDTH = 320;
const MAX_HEIGHT = 240;
const MAX_FILES = 10;

/** The files of a message: pictures are seen, and all can be saved. */
export function fileList(files: readonly FileRef[], ui: Ui, actions: FileActions): HTMLElement {
  const items = files
    .slice(0, MAX_FILES)
    .map((ref) => (PICTURES.has(ref.type) ? picture(ref, ui, actions) : plain(ref, ui, actions)));
  return h('div', { class: 'files', part: 'files' }, ...items);
}

function plain(ref: FileRef, ui: Ui, actions: FileActions): HTMLButtonElement {
  const size = ui.format.size(ref.size);
  return button(
    {
      class: 'file',
      part: 'file',
      'aria-label': ui.texts.download(isolated(ref.name), size),
      onclick: () => void save(ref, actions),
    },
    icon('file'),
    h('span', { class: 'file-name', dir: 'auto' }, ref.name),
    h('span', { class: 'file-size' }, size),
  );
}

/**
 * A picture is drawn onto a canvas: that needs no `blob:` in a Content-Security-Policy, and runs nothing that a file might
 * hold. It is loaded when it comes into sight.
 */
function picture(ref: FileRef, ui: Ui, actions: FileActions): HTMLButtonElement {
  const { width, height } = fitted(ref.width ?? 0, ref.height ?? 0);
  const canvas = h('canvas', { width, height });
  const box = button(
    {
      class: 'picture',
      part: 'picture',
      label: ui.texts.download(isolated(ref.name), ui.format.size(ref.size)),
      onclick: () => void save(ref, actions),
    },
    canvas,
  );
  const sight = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    sight.disconnect();
    draw(ref, canvas, actions).catch(() => {
      const file = plain(ref, ui, actions);
      const hadFocus = ui.focused === box;
      box.replaceWith(file);
      if (hadFocus) file.focus({ preventScroll: true });
    });
  });
  sight.observe(box);
  return box;
}

let drawing: Promise<unknown> = Promise.resolve();

/** Draws a picture; one after the other is unfolded. */
async function draw(ref: FileRef, canvas: HTMLCanvasElement, actions: FileActions): Promise<void> {
  await actions.joined?.();
  const blob = await actions.download(ref);
  const { imageSize } = await loadPart(
    'show the picture',
    () => import('../shared/image-size.js'),
    'imageSize',
  );
  const size = imageSize(new Uint8Array(await blob.slice(0, HEADER_BYTES).arrayBuffer()));
  if (size === undefined || size.width * size.height > MAX_PIXELS)
    throw new RangeError('too large to be drawn');
  const drawn = drawing.then(() => drawBitmap(blob, canvas));
  drawing = drawn.catch(() => {});
  await drawn;
}

async function drawBitmap(blob: Blob, canvas: HTMLCanvasElement): Promise<void> {
  const bitmap = await createImageBitmap(blob);
  const { width, height } = fitted(bitmap.width, bitmap.height);
  const density = Math.min(window.devicePixelRatio, 2);
  canvas.width = Math.min(bitmap.width, width * density);
  canvas.height = Math.min(bitmap.height, height * density);
  canvas.style.width = `${width}px`;
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
}

function fitted(width: number, height: number): { width: number; height: number } {
  if (!(width > 0 && height > 0)) return { width: 160, height: 120 };
  const scale = Math.min(1, MAX_WIDTH / width, MAX_HEIGHT / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

async function save(ref: FileRef, actions: FileActions): Promise<void> {
  try {
    const blob = await actions.download(ref);
    // As bytes: a page that opens it runs nothing of it.
    const url = URL.createObjectURL(new Blob([blob], { type: 'application/octet-stream' }));
    h('a', { href: url, download: ref.name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  } catch (error) {
    actions.failed(error);
  }
}
