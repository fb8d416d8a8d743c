import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { conformancePage } from './page.ts';
import { UPSTREAM_FILES } from './upstreamTests.ts';

/** Writes docs/conformance.md. */
writeFileSync(join(repositoryRoot, 'docs/conformance.md'), conformancePage(UPSTREAM_FILES));
