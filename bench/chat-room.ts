/**
 * The cost of a ChatRoom against the bare web SDK, side by side in one run on one local Momento: latency and receiving
 * in Chromium, flatness and calls in this process. A ratio is the median of those of the rounds, with the range of the
 * middle half of them in brackets; the absolute numbers before it are of all rounds together.
 *
 * Run: npx tsx bench/chat-room.ts [latency] [receiving] [stream] [burst] [flatness] [calls]
 */
import { installBrowserGlobals } from '../test/support/browser-globals.js';
import { openBrowser } from './chat-room/browser.js';
import { burst } from './chat-room/burst.js';
import { calls } from './chat-room/calls.js';
import { flatness } from './chat-room/flatness.js';
import { latency } from './chat-room/latency.js';
import { startServer } from './chat-room/processes.js';
import { receiving } from './chat-room/receiving.js';
import { row } from './chat-room/report.js';
import { stream } from './chat-room/stream.js';

const asked = process.argv.slice(2);
const wants = (part: string) => asked.length === 0 || asked.includes(part);

const momento = await startServer();
row('', 'ChatRoom / bare SDK', 'ratio', 'budget');
if (['latency', 'receiving', 'stream', 'burst'].some(wants)) {
  const browser = await openBrowser(momento);
  if (wants('latency')) await latency(browser);
  if (wants('receiving')) await receiving(momento, browser);
  if (wants('stream')) await stream(momento, browser);
  if (wants('burst')) await burst(browser);
  await browser.close();
}
if (wants('flatness')) await flatness();
if (wants('calls')) {
  installBrowserGlobals();
  await calls(momento);
}
momento.stop();
process.exit();
