import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { badDay, told } from './feature-people.js';

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

it('after a short bad day on both transports all clients agree on every feature, and storage with them', async () => {
  const seed = Number(process.env.SOAK_SEED ?? 1);
  const options = { seed, lastsMs: 4000, paceMs: 60, faultEveryMs: 700, patienceMs: 90_000 };
  const day = await badDay(momento, options);
  expect(day.wrong, `seed ${seed}\n${told(day)}`).toEqual([]);
}, 150_000);
