import { withoutMarks } from '../messages/extras.js';
import type { FileRef } from '../messages/message.js';
import { raceAbort } from '../shared/clock.js';
import { cut } from '../shared/cut.js';
import { ChatError, invalidArgument, unable } from '../shared/errors.js';
import type { ImageSize } from '../shared/image-size.js';
import { isObject } from '../shared/is-object.js';
import { loadPart } from '../shared/load-part.js';
import { onAbort } from '../shared/on-abort.js';
import { itemGet, itemSet } from '../transport/operations/items.js';
import type { FeatureHost } from './feature.js';
import type { FileOptions, FileStore, UploadOptions } from './file-store.js';
import { givenSignal } from './given-signal.js';

/** Attempts wait for 5 s and for as long as this many bytes a second take. */
const SLOWEST_BYTES_PER_MS = 100;
const BASE_TIMEOUT_MS = 5000;
/** Within so many bytes a JPEG says its size, after what cameras put before it. */
const IMAGE_HEADER_BYTES = 262_144;
const MAX_NAME = 200;
/** Longest id of an app's own store (characters): longer ones would be left out of a message. */
const MAX_ID = 256;
const OWN_ID = /^[\w-]{1,64}$/;
const ANY_TYPE = 'application/octet-stream';
/** Matches the types that browsers show without running anything in them. */
const SAFE_TYPE = /^(image\/(png|jpeg|gif|webp|avif|bmp)|(audio|video)\/[\w.+-]+|application\/pdf)$/;
const TYPE = /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/;

/** Files of a room: kept as items beside its messages, or where the app keeps its own. */
export class Files implements FileStore {
  readonly #host: FeatureHost;
  readonly #options: FileOptions;

  constructor(host: FeatureHost, options: FileOptions) {
    this.#host = host;
    this.#options = options;
  }

  async upload(blob: Blob, options: UploadOptions = {}): Promise<FileRef> {
    const action = 'upload the file';
    const signal = givenSignal(options, action);
    const { name, onProgress } = options;
    if (name !== undefined && typeof name !== 'string')
      throw invalidArgument(action, '`name` is not a string');
    if (onProgress !== undefined && typeof onProgress !== 'function')
      throw invalidArgument(action, '`onProgress` is not a function');
    if (typeof blob?.arrayBuffer !== 'function' || blob.size === 0)
      throw invalidArgument(action, 'it must be a Blob that is not empty');
    const { maxBytes, upload: own } = this.#options;
    if (own === undefined && blob.size > maxBytes)
      throw unable('message-too-large', action, `it takes ${blob.size} bytes, ${maxBytes} are the limit`);
    const about = {
      name: cleanName(name ?? ('name' in blob ? blob.name : undefined)),
      type: cleanType(blob.type),
      size: blob.size,
      ...(await dimensions(blob)),
    };
    return cancellable(action, signal, async (signal) => {
      onProgress?.(0);
      const id =
        own === undefined
          ? await this.#store(action, blob, signal)
          : ownId(action, await own.upload(blob, { ...about, signal, onProgress }));
      signal.throwIfAborted();
      onProgress?.(1);
      return { id, ...about };
    });
  }

  async download(ref: FileRef, options: { signal?: AbortSignal | undefined } = {}): Promise<Blob> {
    const action = 'download the file';
    const signal = givenSignal(options, action);
    if (!isObject(ref as unknown) || typeof ref.id !== 'string' || typeof ref.size !== 'number')
      throw invalidArgument(action, 'it takes a file of a message');
    const { id, type, size } = ref;
    return cancellable(action, signal, async (signal) => {
      const { upload: own } = this.#options;
      const content =
        own === undefined
          ? await this.#read(action, id, size, signal)
          : await fetchBlob(await own.resolveUrl(ref), signal);
      const blob = new Blob([content as BlobPart], { type: safeType(type) });
      if (blob.size === size) return blob;
      throw unusable(`it takes ${blob.size} bytes, and not the ${size} that were announced`);
    });
  }

  async #store(action: string, blob: Blob, signal: AbortSignal): Promise<string> {
    const id = this.#host.nextId();
    const content = await blob.arrayBuffer().catch(() => {
      throw invalidArgument(action, 'it cannot be read');
    });
    const value = new Uint8Array(content);
    const input = { key: this.#host.key(`file:${id}`), value, ttlSeconds: this.#host.ttlSeconds };
    await this.#host.call(itemSet, input, { action, signal, timeoutMs: timeFor(blob.size) });
    return id;
  }

  async #read(action: string, id: string, size: number, signal: AbortSignal): Promise<Uint8Array> {
    // Anything else would lead out of the room's files.
    if (!OWN_ID.test(id)) throw unusable('its id is not that of a file');
    const input = { key: this.#host.key(`file:${id}`) };
    const value = await this.#host.call(itemGet, input, { action, signal, timeoutMs: timeFor(size) });
    if (value === undefined) throw unusable('it is no longer stored');
    return value;
  }
}

async function fetchBlob(url: string, signal: AbortSignal): Promise<Blob> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw unable('server', 'download the file', `HTTP status ${response.status}`);
  return response.blob();
}

function timeFor(bytes: number): number {
  return BASE_TIMEOUT_MS + (Number.isFinite(bytes) ? Math.min(60_000, bytes / SLOWEST_BYTES_PER_MS) : 0);
}

function cleanName(name: unknown): string {
  const clean = typeof name === 'string' ? withoutMarks(name).trim() : '';
  return cut(clean, MAX_NAME) || 'file';
}

function cleanType(type: string): string {
  const clean = type.toLowerCase().split(';')[0]?.trim() ?? '';
  return TYPE.test(clean) ? clean : ANY_TYPE;
}

function safeType(type: unknown): string {
  return typeof type === 'string' && SAFE_TYPE.test(type) ? type : ANY_TYPE;
}

function ownId(action: string, stored: { id?: string; url?: string }): string {
  const id = stored?.id ?? stored?.url;
  if (typeof id === 'string' && id !== '' && id.length <= MAX_ID) return id;
  throw invalidArgument(action, `\`upload\` must give an \`id\` or \`url\` of 1 to ${MAX_ID} characters`);
}

/** The size of an image in pixels; nothing for what is none, or cannot be read. */
async function dimensions(blob: Blob): Promise<Partial<ImageSize>> {
  if (!blob.type.startsWith('image/')) return {};
  try {
    if (typeof createImageBitmap !== 'function') {
      const { imageSize } = await loadPart(
        'read the image',
        () => import('../shared/image-size.js'),
        'imageSize',
      );
      return imageSize(new Uint8Array(await blob.slice(0, IMAGE_HEADER_BYTES).arrayBuffer())) ?? {};
    }
    const bitmap = await createImageBitmap(blob);
    const { width, height } = bitmap;
    bitmap.close();
    return { width, height };
  } catch {
    return {};
  }
}

/**
 * Does the work with a signal that follows the app's with a reason of our own, so that nothing is tried again. Rejects as soon as
 * that aborts: a lost connection, or the app's own store, may take no notice of it.
 */
async function cancellable<Result>(
  action: string,
  given: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const own = new AbortController();
  const { signal } = own;
  const abort = () => own.abort(unable('closed', action, 'it was cancelled'));
  const stopWaiting = given && onAbort(given, abort);
  if (given?.aborted) abort();
  try {
    signal.throwIfAborted();
    const result = await raceAbort(work(signal), signal);
    signal.throwIfAborted();
    return result as Result;
  } catch (problem) {
    signal.throwIfAborted();
    if (problem instanceof ChatError) throw problem;
    throw unable('network', action, `the app's own store failed`, { cause: problem });
  } finally {
    stopWaiting?.();
  }
}

function unusable(why: string): ChatError {
  return unable('server', 'download the file', why, { retryable: false });
}
