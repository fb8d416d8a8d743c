import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { FEATURES } from './featureTable.ts';
import { kubernetesOperations } from './kubernetesOperations.ts';
import { compatibilityPage } from './page.ts';
import { servedKinds } from './servedOperations.ts';

/** Writes docs/compatibility.md. */
writeFileSync(join(repositoryRoot, 'docs/compatibility.md'), compatibilityPage(servedKinds(), kubernetesOperations(), FEATURES));
