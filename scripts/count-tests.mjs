// Reads what Vitest's JSON reporter wrote and prints a line for each kind of test, then the sum alone on a line.
// A file that could not even be loaded counts as one failure.
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { root } from './setup.mjs';

const KINDS = ['unit', 'properties', 'integration', 'browser', 'package'];

const tally = new Map(KINDS.map((kind) => [kind, { passed: 0, failed: 0, skipped: 0 }]));
const report = readReport(process.argv[2]);

for (const file of report.testResults) {
  const folder = relative(root, file.name).split(sep)[1] ?? '';
  const count = tally.get(KINDS.includes(folder) ? folder : 'unit');
  for (const test of file.assertionResults) {
    if (test.status === 'passed') count.passed += 1;
    else if (test.status === 'failed') count.failed += 1;
    else count.skipped += 1;
  }
  if (file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')) {
    count.failed += 1;
  }
}

let passed = 0;
let failed = 0;
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
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { testResults: [] };
  }
}
