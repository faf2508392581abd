import type { FileRef } from '../messages/message.js';

/** Options of `files.upload()`. */
export interface UploadOptions {
  /** Default: the file's own name, or `file`. Control characters and separators of paths are left out. */
  name?: string | undefined;
  /** Gives the upload up; it rejects with `closed`. */
  signal?: AbortSignal | undefined;
  /**
   * Called with the part that is done, from 0 to 1. Momento's calls tell nothing in between: an app that wants more brings
   * its own `upload`.
   */
  onProgress?: ((done: number) => void) | undefined;
}

/** Files of a room. */
export interface FileStore {
  /**
   * Stores a file beside the room's messages, for as long as those live after the last one; it is not renewed by later
   * messages. Send what it gives: `room.send('', { files: [ref] })`. Images get their `width` and `height`: in a
   * browser all that it can show, elsewhere PNG, GIF, JPEG and WebP.
   *
   * Rejects with a ChatError: `invalid-argument`, `message-too-large` (over `maxFileBytes`, or what `clients` take),
   * `not-joined`, `feature-disabled`, `closed` (cancelled), or what made it fail.
   */
  upload(blob: Blob, options?: UploadOptions): Promise<FileRef>;
  /**
   * Fetches a file. Members may store anything under any name, so the blob has the announced type only where a browser
   * shows it without running it: raster images, audio, video and PDF; any other is `application/octet-stream`.
   *
   * Rejects with a ChatError: `server` when it is no longer stored or is not of the announced size, `not-joined`,
   * `feature-disabled`, `closed` (cancelled), or what made it fail.
   */
  download(ref: FileRef, options?: { signal?: AbortSignal | undefined }): Promise<Blob>;
}

/** The app's own place for files, such as a bucket. */
export interface OwnFileStore {
  /** Stores a file and gives an id of at most 256 characters, or its URL, by which {@link resolveUrl} finds it. */
  upload(
    blob: Blob,
    about: Omit<FileRef, 'id'> & Pick<UploadOptions, 'onProgress'> & { signal: AbortSignal },
  ): Promise<{ id?: string; url?: string }>;
  /** Gives the URL to fetch a file from. Anybody may have written `ref`: check that it is one of yours. */
  resolveUrl(ref: FileRef): string | Promise<string>;
}

/** How a room keeps files. */
export interface FileOptions {
  /** Largest file that is stored beside the messages. */
  maxBytes: number;
  upload: OwnFileStore | undefined;
}
