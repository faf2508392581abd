/** Returns a function that runs what it is given one after the other, whatever becomes of it. */
export function inTurn(): <Output>(act: () => Promise<Output>) => Promise<Output> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const turn = last.then(act);
    last = turn.catch(() => {});
    return turn;
  };
}

/** Returns a function that runs what it is given for the same key one after the other, whatever becomes of it. */
export function inTurnOfKey(): <Output>(key: string, act: () => Promise<Output>) => Promise<Output> {
  const last = new Map<string, Promise<void>>();
  return (key, act) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(act);
    const end = (): void => {
      if (last.get(key) === ended) last.delete(key);
    };
    const ended = turn.then(end, end);
    last.set(key, ended);
    return turn;
  };
}
