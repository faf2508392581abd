// Whether a tag may be released: it is the version of package.json and of the lockfile, and CHANGELOG.md has a section of it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, stop } from './setup.mjs';

const tag = process.argv[2] ?? '';
const read = (file) => readFileSync(join(root, file), 'utf8');
const { version } = JSON.parse(read('package.json'));

if (tag !== `v${version}`) stop(`The tag ${tag} is not that of version ${version} in package.json.`);
if (JSON.parse(read('package-lock.json')).version !== version)
  stop(`package-lock.json has another version than ${version}. Run npm install.`);
if (
  !new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d\\d-\\d\\d$`, 'm').test(
    read('CHANGELOG.md'),
  )
)
  stop(`CHANGELOG.md has no section "## [${version}] - date".`);
console.log(`${tag} may be released`);
