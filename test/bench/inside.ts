import { loadKubeconfig } from '../../client/kubeconfig.ts';
import { apiFigures } from './apiFigures.ts';
import { podFigures } from './podFigures.ts';
import { schedulerFigures } from './schedulerFigures.ts';
import { watchFigures } from './watchFigures.ts';

/** What runs in the benchmark's host, beside its cluster: `inside.ts SCENARIO KUBECONFIG`. Prints the figures as one line of JSON. */
const SCENARIOS = { api: apiFigures, watch: watchFigures, pods: podFigures, scheduler: schedulerFigures };

const [scenario = '', kubeconfig = ''] = process.argv.slice(2);
const run = SCENARIOS[scenario as keyof typeof SCENARIOS];
if (run === undefined) throw new Error(`no scenario "${scenario}"`);
process.stdout.write(`${JSON.stringify(await run(loadKubeconfig(kubeconfig)))}\n`);
process.exit(0);
