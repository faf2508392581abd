// How much of `src/` the tests run: in Node as vitest tells it, and in Chromium what runs nowhere else.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { convert } from 'ast-v8-to-istanbul';
import coverageLibrary from 'istanbul-lib-coverage';
import reportLibrary from 'istanbul-lib-report';
import reports from 'istanbul-reports';
import { parseAst } from 'vite';
import { ensureChromium } from './chromium.mjs';
import { root, runNode, setUp } from './setup.mjs';

/** In percent. */
const THRESHOLDS = { lines: 95, branches: 90 };
const IN_PROCESS = ['unit', 'properties', 'ui', 'integration', 'integration-alone'];
const IN_PAGES = /^.*\/src\/(?=element\/|storage\/(?:indexed-db|owner-locks)\.ts$)/;

setUp();
const pages = mkdtempSync(join(tmpdir(), 'page-coverage-'));
try {
  const CHROMIUM_PATH = ensureChromium();
  const failed = [
    vitest(['--coverage', ...IN_PROCESS.map((name) => `--project=${name}`)], {}),
    vitest(['--project=browser', 'element', 'demo', 'storage'], {
      CHROMIUM_PATH,
      PAGE_COVERAGE: pages,
    }),
  ].some((code) => code !== 0);
  const map = coverageLibrary.createCoverageMap(
    JSON.parse(readFileSync(join(root, 'coverage', 'coverage-final.json'), 'utf8')),
  );
  map.merge(await ranInPages());
  process.exitCode = told(map) && !failed ? 0 : 1;
} finally {
  rmSync(pages, { recursive: true, force: true });
}

function vitest(args, environment) {
  return runNode([join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args], environment);
}

/** The coverage by pages of the files that run in pages only. */
async function ranInPages() {
  const map = coverageLibrary.createCoverageMap({});
  for (const file of readdirSync(pages)) {
    for (const script of JSON.parse(readFileSync(join(pages, file), 'utf8'))) {
      const sourceMap = sourceMapOf(script.source);
      if (sourceMap === undefined) continue;
      const coverage = {
        scriptId: script.scriptId,
        url: `file://${root}/page.js`,
        functions: script.functions,
      };
      map.merge(await convert({ code: script.source, ast: parseAst(script.source), coverage, sourceMap }));
    }
  }
  map.filter((path) => IN_PAGES.test(path));
  return map;
}

function sourceMapOf(code = '') {
  const [, encoded] = /\/\/# sourceMappingURL=data:application\/json;[^,]*base64,(\S+)\s*$/.exec(code) ?? [];
  if (encoded === undefined) return undefined;
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString());
  // Each page is built somewhere else.
  return { ...map, sources: map.sources.map((path) => path.replace(IN_PAGES, `${root}/src/`)) };
}

/** Writes the report; returns whether enough was run. */
function told(map) {
  const context = reportLibrary.createContext({ dir: join(root, 'coverage'), coverageMap: map });
  for (const name of ['html', 'json-summary', 'text-summary']) reports.create(name).execute(context);
  const summary = map.getCoverageSummary();
  return Object.entries(THRESHOLDS).every(([kind, least]) => {
    const { pct } = summary[kind];
    if (pct < least) console.error(`${kind}: ${pct} % is less than ${least} %`);
    return pct >= least;
  });
}
