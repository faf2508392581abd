/** How many calls of a user have not ended, by the room or thread: once it is closed nothing would come of them. */
const underWay = /* @__PURE__ */ new WeakMap<object, number>();

/** Counts a call, unless it only reads. Gives what is to be returned for it. */
export function follow<T>(one: object, name: string, result: T): T {
  if (name === 'loadOlder' || result === undefined) return result;
  const count = (change: number) => void underWay.set(one, (underWay.get(one) ?? 0) + change);
  count(1);
  // Of the promise that is returned, so that a rejection which nobody handles is still reported.
  return (result as Promise<unknown>).finally(() => count(-1)) as T;
}

/** Whether a call is under way. */
export function isCalled(one: object): boolean {
  return (underWay.get(one) ?? 0) > 0;
}
