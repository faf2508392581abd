// Draws docs/images/*.svg: the data flow, the statuses of a room, and the growth of its costs, with the numbers of
// docs/scaling.md. With --check it writes nothing, and fails when they differ.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFlow } from './pictures/data-flow.mjs';
import { growth } from './pictures/growth.mjs';
import { roomStates } from './pictures/room-states.mjs';
import { root } from './setup.mjs';

const scaling = readFileSync(join(root, 'docs/scaling.md'), 'utf8');
const pictures = {
  'data-flow.svg': dataFlow(),
  'room-states.svg': roomStates(),
  'growth.svg': growth(scaling),
};

for (const [name, svg] of Object.entries(pictures)) {
  const path = join(root, 'docs/images', name);
  if (!process.argv.includes('--check')) writeFileSync(path, svg);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== svg) {
    console.error(`docs/images/${name} is not as scripts/pictures.mjs draws it`);
    process.exitCode = 1;
  }
}
