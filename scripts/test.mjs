import { join } from 'node:path';
import { CHROMIUM_HELP, ensureChromium } from './chromium.mjs';
import { root, runNode, setUp, stop } from './setup.mjs';

const args = process.argv.slice(2);

setUp();

const chromium = chromiumOrStop();
if (!chromium) {
  // A call for some of the tests may well be for those that need no browser.
  if (args.length === 0) stop(CHROMIUM_HELP);
  console.warn(`\n${CHROMIUM_HELP}\n`);
}

process.exitCode = runNode(
  [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args],
  chromium ? { CHROMIUM_PATH: chromium } : {},
);

function chromiumOrStop() {
  try {
    return ensureChromium();
  } catch (error) {
    return stop(error.message);
  }
}
