/** An item's key: its bytes, one character per byte, so that it can be a key in a Map and prefixes compare as bytes do. */
export type ItemKey = string;
