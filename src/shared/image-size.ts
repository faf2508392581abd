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

/** Markers of a JPEG that stand alone, without a length behind them. */
const ALONE: readonly number[] = [0x01, 0xd0, 0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8];
const FILLING = 0xff;
const GIF_EXTENSION = 0x21;
const GIF_IMAGE = 0x2c;

/**
 * Reads the size of a PNG, GIF, JPEG or WebP from its header, as who decodes it finds it, and before anybody does: a few bytes
 * may unfold to gigabytes. Undefined for all else. A JPEG that is to be turned has the size that it has before.
 */
export function imageSize(header: Uint8Array): ImageSize | undefined {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  try {
    const start = view.getUint32(0);
    if (start === PNG) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (start === GIF) return gifSize(view);
    if (start === RIFF) return webpSize(view);
    if (start >>> 16 === JPEG) return jpegSize(view);
  } catch {
    // It ends before its header does.
  }
  return undefined;
}

/** Browsers make room for the first image where it is larger than what the header says. */
function gifSize(view: DataView): ImageSize | undefined {
  const flags = view.getUint8(10);
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  while (view.getUint8(at) === GIF_EXTENSION) {
    at += 2;
    for (let length = view.getUint8(at); length > 0; length = view.getUint8(at)) at += 1 + length;
    at += 1;
  }
  if (view.getUint8(at) !== GIF_IMAGE) return undefined;
  return {
    width: Math.max(view.getUint16(6, true), view.getUint16(at + 5, true)),
    height: Math.max(view.getUint16(8, true), view.getUint16(at + 7, true)),
  };
}

function jpegSize(view: DataView): ImageSize | undefined {
  for (let at = 2; view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.includes(marker))
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    if (marker === FILLING) at += 1;
    else at += ALONE.includes(marker) ? 2 : 2 + view.getUint16(at + 2);
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
