import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { badDay, told } from './feature-people.js';

const SEED = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
const SECONDS = Number(process.env.SOAK_SECONDS ?? 75);

let momento: LocalMomento;
let uninstall: () => void;

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  momento = await startLocalMomento({ caches: ['chat'], heartbeatMs: 1000 });
});
afterAll(async () => {
  await momento.close();
  uninstall();
});

it('whatever breaks, four clients who use all features agree on everything in the end, and storage with them', async () => {
  console.log(`SOAK_SEED=${SEED} SOAK_SECONDS=${SECONDS}`);
  const day = await badDay(momento, {
    seed: SEED,
    lastsMs: SECONDS * 1000,
    paceMs: 120,
    faultEveryMs: 2000,
    // A device that left while nothing worked is there until its lease ends.
    patienceMs: 200_000,
  });
  console.log(told(day));
  expect(day.wrong).toEqual([]);
});
