// Reads what Vitest's JSON reporter wrote, one file a run. Prints the name of each test that failed, or that passed at its
// second try only, then a line for each kind of test, and the sum alone on a line.
// A file that could not even be loaded counts as one failure.
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { root } from './setup.mjs';

const KINDS = ['unit', 'properties', 'ui', 'docs', 'integration', 'browser', 'package', 'consumers'];
const UI = ['react', 'vue', 'svelte'];

let passed = 0;
let failed = 0;
const tally = new Map(KINDS.map((kind) => [kind, { passed: 0, failed: 0, skipped: 0 }]));

for (const file of process.argv.slice(2).flatMap(readReport)) {
  const path = relative(root, file.name).split(sep);
  const folder = UI.includes(path[1]) ? 'ui' : path[1];
  const count = tally.get(KINDS.includes(folder) ? folder : 'unit');
  for (const test of file.assertionResults) {
    if (test.status === 'passed') count.passed += 1;
    else if (test.status === 'failed') count.failed += 1;
    else count.skipped += 1;
    if (test.failureMessages.length > 0) {
      const outcome = test.status === 'passed' ? 'PASSED AT THE SECOND TRY' : 'FAILED';
      console.log(
        `${outcome}: ${path.join('/')}: ${test.fullName}\n  ${test.failureMessages[0].slice(0, 600)}`,
      );
    }
  }
  if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
    count.failed += 1;
    console.log(`FAILED: ${path.join('/')}: ${file.message}`);
  }
}

for (const [kind, count] of tally) {
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
  console.log(`${kind} tests: ${count.passed} passed, ${count.failed} failed${skipped}`);
  passed += count.passed;
  failed += count.failed;
}
// A run that broke off before it could say anything is not a run without failures.
if (passed + failed === 0) failed = 1;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults;
  } catch {
    console.log(`FAILED: there is no report of a run: ${path}`);
    failed += 1;
    return [];
  }
}
