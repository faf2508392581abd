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
