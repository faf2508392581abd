import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, setUp } from './setup.mjs';

setUp();

// The demo runs from source, so that `npm start` shows what the working tree says and needs no build. In this
// very process: then Ctrl-C reaches it once, and its exit code is ours.
process.chdir(root);
const { register } = await import('tsx/esm/api');
register();
await import(pathToFileURL(join(root, 'examples', 'demo', 'run.ts')).href);

if (process.env.npm_lifecycle_event === 'start') stopWithNpm();

/** `kill` of npm ends npm and its shell, which tell nobody: without this the demo would go on, and keep its port. */
function stopWithNpm() {
  const shell = process.ppid;
  setInterval(() => {
    if (process.ppid !== shell) process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}
