import { expect, it } from 'vitest';
import { imageSize } from '../../src/shared/image-size.js';

const sizeOf = (hex: string) => {
  const { width, height } = imageSize(Buffer.from(hex.replaceAll(' ', ''), 'hex')) ?? {};
  return [width, height];
};

// A reader that finds another size than who decodes the image lets gigabytes through.
it.each([
  ['a GIF', '474946383961 0700 0500 000000 2c 00000000 0700 0500 00', [7, 5]],
  [
    'a GIF with a table of colors',
    '474946383961 0700 0500 800000 000000ffffff 2c 00000000 0700 0500 00',
    [7, 5],
  ],
  [
    'a GIF whose first image is larger',
    '474946383961 0100 0100 000000 2c 00000000 ffff feff 00',
    [65535, 65534],
  ],
  [
    'such a GIF behind extensions',
    '474946383961 0100 0100 000000 21fe 02 2c2c 01 00 00 21f9 00 2c 00000000 ffff 0100',
    [65535, 1],
  ],
  ['a GIF without an image', '474946383961 0700 0500 000000 3b', [undefined, undefined]],
  ['a JPEG', 'ffd8 ffe00003 00 ffc0 000b 08 0005 0007 01', [7, 5]],
  [
    'a JPEG with bytes that fill',
    'ffd8 ffffff c0 000b 08 fffe ffff 01 ffc0 000b 08 0005 0007',
    [65535, 65534],
  ],
  ['a JPEG with markers that stand alone', 'ffd8 ff01 ffd0 ffc2 000b 08 fffe ffff 01', [65535, 65534]],
  ['a JPEG without a frame', 'ffd8 ffe00003 00 0000', [undefined, undefined]],
  ['a PNG', '89504e470d0a1a0a 0000000d 49484452 00004e20 00004e21', [20000, 20001]],
  ['nothing', '', [undefined, undefined]],
])('the size of %s is the one that a browser makes room for', (_, hex, size) => {
  expect(sizeOf(hex)).toEqual(size);
});
