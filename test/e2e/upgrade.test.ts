import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SupervisorState } from '../../cli/supervisor/supervisorFiles.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { previousVersion } from '../rig/previousVersion.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import { createRig, type Rig } from '../rig/rig.ts';
import { webManifest } from './webManifest.ts';

/** The version before this one and this one on the same cluster: one after the other under load, and side by side. */
const previous = previousVersion();
const gantry = join(repositoryRoot, 'bin/gantry');
/** Of the components that run beside those of `up`. */
const BESIDE = '--port-base=21000';
let rig: Rig;
let host: RigHost;

/** Writes until /tmp/stop is there, and asks the Service; a refused write is tried again as clients do, and what else fails is noted. */
const LOAD = `setsid bash -c '
(for ((i = 0; ; i++)); do
  [ -e /tmp/stop ] && break
  for ((try = 0; try < 100; try++)); do
    said=$(timeout 20 "$0" create configmap written-$i 2>&1) && { echo written-$i >>/tmp/acknowledged; break; }
    case $said in
      *"already exists"*) echo written-$i >>/tmp/acknowledged; break ;;
      *refused*|*reset*|*EOF*|*[Tt]imeout*|*"timed out"*|*"broken pipe"*|*GOAWAY*|*"connection lost"*|*navailable*|*"unable to handle"*|"") sleep 0.1 ;;
      *) echo "written-$i: $said" >>/tmp/wrong; break ;;
    esac
  done
done) &
while ! [ -e /tmp/stop ]; do
  curl --silent --fail --max-time 30 http://localhost:30080/ >/dev/null || echo "the Service does not answer" >>/tmp/wrong
  sleep 0.1
done' "$1" >/dev/null 2>&1 </dev/null &`;

const kubectl = (words: readonly string[], input = ''): Promise<string> => host.check([kubectlPath('1.32'), ...words], { input });
const containers = (): Promise<string> => host.check(['sh', '-c', 'docker inspect --format "{{.Name}} {{.Id}} {{.State.StartedAt}}" $(docker ps --quiet --filter name=web) | sort']);
const serverPid = (): string => {
  const { services } = JSON.parse(readFileSync(host.path('/run/gantry/services.json'), 'utf8')) as SupervisorState;
  return String(services.find(({ name }) => name === 'server')!.process!.pid);
};
const count = async (file: string): Promise<number> => Number((await host.check(['sh', '-c', `cat ${file} 2>/dev/null | wc -l`])).trim());

// Only a clone without history has none; continuous integration and developers have it.
(previous === undefined ? describe.skip : describe)('an upgrade from the version before', () => {
  beforeAll(async () => {
    rig = await createRig();
    host = await rig.addHost('upgrade');
    await host.check([join(previous!, 'bin/gantry'), 'up'], { timeoutMilliseconds: 300_000 });
    await loadImages(host, { 'web:1': 'web' });
    await kubectl(['apply', '-f', '-'], webManifest());
    await kubectl(['rollout', 'status', 'deployment/web', '--timeout=150s']);
    await eventually('the Service answers', 90_000, async () => ((await host.exec(['curl', '--silent', '--fail', '--max-time', '10', 'http://localhost:30080/'])).code === 0 ? true : undefined));
    await host.check(['bash', '-c', LOAD, 'load', kubectlPath('1.32')]);
  }, 900_000);
  afterAll(() => rig.close(), 300_000);

  test('up takes the cluster over: a client sees retries at most, and no container is started again', async () => {
    const running = await containers();
    await eventually('there is load', 90_000, async () => ((await count('/tmp/acknowledged')) > 5 ? true : undefined));
    expect(await host.check([gantry, 'up'], { timeoutMilliseconds: 300_000 })).toContain('Stopping the version that runs');
    expect(await host.check([gantry, 'version'])).toBe(await host.check(['sh', '-c', `/var/lib/gantry/versions/0.2*/node /var/lib/gantry/versions/0.2*/gantry.mjs version`]));
    const written = await count('/tmp/acknowledged');
    await eventually('writes go on', 120_000, async () => ((await count('/tmp/acknowledged')) > written + 5 ? true : undefined));
    expect(await containers()).toBe(running);
  }, 1_200_000);

  test('API servers, schedulers and controllers of both versions work side by side', async () => {
    const old = (words: string): Promise<string> => host.check(['sh', '-c', `setsid ${join(previous!, 'bin/gantry')} ${words} >>/var/log/old.log 2>&1 </dev/null & echo $! >>/tmp/old`]);
    await old(`apiserver ${BESIDE} --etcd-servers=https://127.0.0.1:2379`);
    const throughOld = ['--server=https://127.0.0.1:21000'];
    await eventually('the older API server is ready', 120_000, async () => ((await host.exec([kubectlPath('1.32'), ...throughOld, 'get', '--raw', '/readyz'])).stdout === 'ok' ? true : undefined));
    for (const component of ['scheduler', 'controller-manager']) {
      await host.check(['sh', '-c', `sed s/:6443/:21000/ /etc/kubernetes/${component}.conf >/tmp/${component}.conf`]);
      await old(`${component} ${BESIDE} --kubeconfig=/tmp/${component}.conf`);
    }
    // What one writes the other shows at once, in every direction.
    await kubectl([...throughOld, 'scale', 'deployment/web', '--replicas=4']);
    await kubectl(['rollout', 'status', 'deployment/web', '--timeout=150s']);
    expect(await kubectl([...throughOld, 'get', 'deployment/web', '-o', 'jsonpath={.status.readyReplicas}'])).toBe('4');
    // The newer one hands over: what leads now is the older.
    const server = serverPid();
    await host.check(['kill', '-STOP', server]);
    try {
      await eventually('an older controller manager and scheduler lead', 150_000, async () => {
        await host.kubectl('1.32', [...throughOld, 'scale', 'deployment/web', '--replicas=5']);
        const { stdout: bound } = await host.kubectl('1.32', [...throughOld, 'get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].spec.nodeName}']);
        return bound.split(' ').length === 5 ? true : undefined;
      });
    } finally {
      await host.check(['kill', '-CONT', server]);
    }
    await kubectl(['rollout', 'status', 'deployment/web', '--timeout=150s']);
    await host.check(['sh', '-c', 'kill $(cat /tmp/old)']);
  }, 1_200_000);

  test('nothing went wrong but what a client tries again, and every acknowledged write is there', async () => {
    await eventually('there were writes enough', 120_000, async () => ((await count('/tmp/acknowledged')) > 20 ? true : undefined));
    await host.check(['touch', '/tmp/stop']);
    expect((await host.exec(['cat', '/tmp/wrong'])).stdout).toBe('');
    const acknowledged = (await host.check(['cat', '/tmp/acknowledged'])).trim().split('\n');
    const stored = new Set((await kubectl(['get', 'configmaps', '-o', 'name'])).split('\n').map((line) => line.replace('configmap/', '')));
    expect(acknowledged.length).toBeGreaterThan(20);
    expect(acknowledged.filter((name) => !stored.has(name))).toEqual([]);
  }, 400_000);
});
