import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

const PLACES = {
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter(Boolean)
    .flatMap((folder) => [
      join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
      join(folder, 'Chromium', 'Application', 'chrome.exe'),
    ]),
};

export const CHROMIUM_HELP = `The browser tests need Chromium (or Chrome), and none was found. Either
  - install it: Debian: apt-get install chromium · Fedora: dnf install chromium · macOS: brew install --cask chromium
  - or name one you have: CHROMIUM_PATH=/path/to/chromium npm test
  - or leave these tests out: npm test -- --project '!browser'`;

/** The path of a Chromium or Chrome on this machine, or undefined. CHROMIUM_PATH comes before all others. */
export function findChromium() {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (runs(named)) return named;
    throw new Error(`CHROMIUM_PATH is ${named}, which is no file that can be run.`);
  }
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...onPath, ...(PLACES[process.platform] ?? [])].find(runs);
}

/** As findChromium(), but on Debian, as root, installs the distribution's own package when there is none. */
export function ensureChromium() {
  const found = findChromium();
  if (found || !canInstall()) return found;
  console.log("No Chromium found: installing Debian's package (apt-get install chromium) …");
  const apt = (...args) =>
    spawnSync('apt-get', args, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0;
  apt('update');
  apt('install', '-y', '--no-install-recommends', 'chromium');
  return findChromium();
}

function canInstall() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    // Not Ubuntu and its like: there `chromium` is a stub that wants snapd.
    return /^ID="?debian"?$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function runs(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
