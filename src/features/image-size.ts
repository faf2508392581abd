/** Width and height in pixels. */
export interface ImageSize {
  width: number;
  height: number;
}

const PNG = 0x89504e47;
const GIF = 0x47494638;
const RIFF = 0x52494646;
const JPEG = 0xffd8;
/** Codes within the numbers of a JPEG's frames that are no frames. */
const NO_FRAMES: readonly number[] = [0xc4, 0xc8, 0xcc];

/**
 * Reads the size of a PNG, GIF, JPEG or WebP from its header, for where nothing decodes images. Undefined for all else. A
 * JPEG that is to be turned has the size that it has before.
 */
export function imageSize(header: Uint8Array): ImageSize | undefined {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  try {
    const start = view.getUint32(0);
    if (start === PNG) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (start === GIF) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (start === RIFF) return webpSize(view);
    if (start >>> 16 === JPEG) return jpegSize(view);
  } catch {
    // It ends before its header does.
  }
  return undefined;
}

function jpegSize(view: DataView): ImageSize | undefined {
  for (let at = 2; view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.includes(marker))
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function webpSize(view: DataView): ImageSize | undefined {
  switch (String.fromCharCode(view.getUint8(15))) {
    case 'X':
      return {
        width: (view.getUint32(24, true) & 0xff_ffff) + 1,
        height: (view.getUint32(26, true) >>> 8) + 1,
      };
    case 'L': {
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case ' ':
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    default:
      return undefined;
  }
}
