/** Returns a function that runs what it is given one after the other, whatever becomes of it. */
export function inTurn(): <Output>(act: () => Promise<Output>) => Promise<Output> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const turn = last.then(act);
    last = turn.catch(() => {});
    return turn;
  };
}
