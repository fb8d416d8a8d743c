import { readFileSync } from 'node:fs';
import { gantryVersion } from './gantryVersion.ts';

test('the version is that of the package', () => {
  expect((JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version).toBe(gantryVersion);
});
