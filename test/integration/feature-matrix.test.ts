import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { FEATURES, type MatrixFeature, SCENES, type Scene } from './support/matrix-features.js';
import { MatrixStage, TRANSPORTS, type TransportName } from './support/matrix-scenes.js';

const PAGE = new URL('../../docs/features/matrix.md', import.meta.url);
const NAMES = Object.keys(TRANSPORTS) as TransportName[];
/** So many features are played at once. */
const AT_ONCE = 8;
let uninstall: () => void;

beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());

/** Feature, scene and transport. */
const keyOf = (...parts: string[]) => parts.join(' / ');

async function playAll(): Promise<Map<string, string>> {
  const failures = new Map<string, string>();
  const waiting = FEATURES.flatMap((feature) => NAMES.map((transport) => ({ feature, transport })));
  const play = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { feature, transport } = next;
      const stage = await MatrixStage.open(transport, feature);
      for (const scene of SCENES) {
        if (feature.not?.[scene] !== undefined) continue;
        await stage.play(scene).catch((problem: unknown) => {
          failures.set(keyOf(feature.name, scene, transport), String(problem));
        });
      }
      await stage.close();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, play));
  return failures;
}

function pageOf(failures: ReadonlyMap<string, string>): string {
  const notes: string[] = [];
  const cell = (feature: MatrixFeature, scene: Scene) => {
    const reason = feature.not?.[scene];
    if (reason !== undefined) {
      const known = notes.indexOf(reason);
      return `– ${known === -1 ? notes.push(reason) : known + 1}`;
    }
    return NAMES.map((name) =>
      failures.has(keyOf(feature.name, scene, name)) ? `${name} fails` : name,
    ).join(', ');
  };
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = FEATURES.map((feature) =>
    row([`[${feature.name}](${feature.page}.md)`, ...SCENES.map((scene) => cell(feature, scene))]),
  );
  return `# What each feature was tried with

Written by \`test/integration/feature-matrix.test.ts\`, which plays every cell on real sockets against the local Momento: through
\`@gomomento/sdk-web\` (web) and through \`momento-chat/lite\` (lite). To write it anew: \`WRITE_MATRIX=1 npx vitest run
test/integration/feature-matrix.test.ts\`.

${[row(['feature', ...SCENES]), row(Array.from({ length: SCENES.length + 1 }, () => '---')), ...rows].join('\n')}

- **two clients**: one does it, both see it.
- **reload**: a client that was not there sees it as it joins.
- **out of order**: of two changes the events of the first come last, to a client that heard of neither, and to one that heard of both.
- **reconnect**: all connections break, and it is done at once.
- **event lost**: the event is lost without a trace; it is seen after the next reading.
- **answer lost**: Momento does what is asked, and its answer never arrives.
- **refused**: Momento answers the first two tries with \`UNAVAILABLE\`.

Reasons why a scene does not apply:

${notes.map((note, index) => `${index + 1}. ${note}`).join('\n')}
`;
}

it('every feature passes every scene on both transports, as docs/features/matrix.md says', async () => {
  const failures = await playAll();
  const page = pageOf(failures);
  if (process.env.WRITE_MATRIX !== undefined) await writeFile(PAGE, page);
  expect([...failures].map(([key, why]) => `${key}: ${why}`)).toEqual([]);
  expect(page).toBe(await readFile(PAGE, 'utf8').catch(() => 'unable to read the page; there is none'));
}, 300_000);
