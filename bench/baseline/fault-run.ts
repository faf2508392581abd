// The article's approach in the fault run of `npm run test:soak`: npx tsx bench/baseline/fault-run.ts [seed]
import { startLocalMomento } from 'momento-chat/local';
import { faultRun, tableOf } from '../../test/soak/fault-run.js';
import { installBrowserGlobals } from '../../test/support/browser-globals.js';
import { tokenMint } from '../../test/support/tokens.js';
import { ArticleRoom } from './article-room.js';

const seed = Number(process.argv[2] ?? 4);
const messages = Number(process.env.SOAK_MESSAGES ?? 10_000);
const faults = Number(process.env.SOAK_FAULTS ?? 200);
const lifeSeconds = 40;

const uninstall = installBrowserGlobals();
// The SDK may throw in callbacks of connections that were cut; an app would see it in its console.
process.on('uncaughtException', () => {});
for (const patched of [false, true]) {
  const momento = await startLocalMomento({ caches: ['chat'], heartbeatMs: 1000 });
  const { source } = tokenMint(momento, { lifeSeconds });
  const token = () => source({ rooms: ['soak'], reason: 'join', signal: new AbortController().signal });
  const participants = ['web1', 'web2', 'web3', 'web4', 'web5'].map(
    (name) => new ArticleRoom({ room: 'soak', name, token, patched }),
  );
  for (const participant of participants) await participant.join();
  const result = await faultRun(momento, participants, { seed, messages, faults, paceMs: 45 });
  console.log(`\n${patched ? 'With retries and reloads' : 'As in the article'}, seed ${seed}\n`);
  console.log(tableOf(result));
  console.log(`\nThe same list on all screens: ${result.same}; lengths: ${result.lengths.join(', ')}`);
  for (const participant of participants) await participant.leave();
  await momento.close();
}
uninstall();
process.exit();
