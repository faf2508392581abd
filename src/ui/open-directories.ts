/** Sessions whose directory of rooms somebody uses. */
export const openDirectories = /* @__PURE__ */ new WeakSet<object>();
