/** The directory of rooms of a session, as far as it is closed. */
interface Directory {
  readonly list: readonly unknown[];
  close?(): unknown;
}

/** Directories that are held: by how many, and whether the app itself had it open before. */
const held = /* @__PURE__ */ new WeakMap<Directory, { holders: number; readonly isOfApp: boolean }>();

export function isDirectoryHeld(directory: Directory): boolean {
  return held.has(directory);
}

/** Holds a directory until the returned function is called: the last one closes it, unless the app had opened it before. */
export function holdDirectory(directory: Directory): () => void {
  const hold = held.get(directory) ?? { holders: 0, isOfApp: directory.list.length > 0 };
  held.set(directory, hold);
  hold.holders += 1;
  return () => {
    hold.holders -= 1;
    if (hold.holders > 0) return;
    held.delete(directory);
    if (!hold.isOfApp) void directory.close?.();
  };
}
