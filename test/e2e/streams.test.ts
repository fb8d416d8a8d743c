import { dirname } from 'node:path';
import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { kubectlPath, type KubectlVersion } from '../rig/kubectl.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import type { CommandResult } from '../../host/command.ts';

/** What goes on between a terminal and a running container, by the kubectl that speaks WebSocket and the one that speaks SPDY. */
let rig: Rig;
let host: RigHost;

const PODS = `
apiVersion: v1
kind: Pod
metadata: {name: box}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: 'box:1', command: [sh, -c, 'echo main begins; exec sleep 100000']}
  - {name: side, image: 'box:1', command: [sh, -c, 'echo side begins; exec sleep 100000']}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: web, image: 'web:1'}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: slow}
spec:
  restartPolicy: Never
  containers: [{name: slow, image: 'box:1', command: [sh, -c, 'echo old; echo older still; sleep 6; echo new']}]
---
apiVersion: v1
kind: Pod
metadata: {name: crash}
spec:
  containers: [{name: crash, image: 'box:1', command: [sh, -c, 'echo run $(cat /proc/sys/kernel/random/uuid); sleep 1; exit 3']}]
---
apiVersion: v1
kind: Pod
metadata: {name: echo}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: echo, image: 'box:1', stdin: true, command: [sh, -c, 'while read -r line; do echo "you said $line"; done']}]
`;

beforeAll(async () => {
  rig = await createRig();
  host = await rig.addHost('streams');
  await host.check([`${repositoryRoot}/bin/gantry`, 'up'], { timeoutMilliseconds: 120_000 });
  await loadImages(host, { 'box:1': 'box', 'web:1': 'web' });
  await host.check([kubectlPath('1.32'), 'apply', '-f', '-'], { input: PODS });
  await host.check([kubectlPath('1.32'), 'wait', '--for=condition=Ready', 'pod/box', 'pod/web', 'pod/echo', '--timeout=40s']);
}, 240_000);
afterAll(() => rig.close(), 60_000);

/** Shell text in the host, where `kubectl` is of the version given. */
function shell(version: KubectlVersion, text: string, input = ''): Promise<CommandResult> {
  return host.exec(['bash', '-c', text], { input, timeoutMilliseconds: 40_000, env: { PATH: `${dirname(kubectlPath(version))}:${host.environment['PATH']}` } });
}

async function output(version: KubectlVersion, text: string, input = ''): Promise<string> {
  const { code, stdout, stderr } = await shell(version, text, input);
  if (code !== 0) throw new Error(`${text}: ${code} ${stderr}${stdout}`);
  return stdout;
}

/** Runs the words on a terminal of 33 rows and 99 columns. */
const onTerminal = (words: string): string => `script --quiet --return --command 'stty rows 33 cols 99; ${words}' /dev/null`;

test('logs: of all containers, the last lines, the newest, and until the end', async () => {
  expect((await output('1.32', 'kubectl logs box --all-containers --prefix')).split('\n').toSorted().join('\n')).toBe('\n[pod/box/main] main begins\n[pod/box/side] side begins');
  expect(await output('1.32', 'kubectl logs box -c side --timestamps')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z side begins\n$/);
  expect(await output('1.32', 'kubectl logs slow -f')).toBe('old\nolder still\nnew\n');
  expect(await output('1.32', 'kubectl logs slow --since=4s')).toBe('new\n');
  expect(await output('1.32', 'kubectl logs slow --tail=2')).toBe('older still\nnew\n');
  expect(await output('1.32', 'kubectl logs slow --limit-bytes=6')).toBe('old\nol');
  expect((await shell('1.32', 'kubectl logs box -c other')).stderr).toContain('container other is not valid for pod box');
});

test('logs: of the run before', async () => {
  await output('1.32', "kubectl wait pod/crash --for=jsonpath='{.status.containerStatuses[0].restartCount}'=1 --timeout=30s");
  const previous = await output('1.32', 'kubectl logs crash --previous');
  expect(previous).toMatch(/^run [0-9a-f-]+\n$/);
  expect(await output('1.32', 'kubectl logs crash')).not.toBe(previous);
  expect((await shell('1.32', 'kubectl logs box -c main --previous')).stderr).toContain('previous terminated container "main" in pod "box" not found');
});

describe.each(['1.32', '1.20'] as const)('kubectl %s', (version) => {
  test('exec: input, output, errors and the exit code', async () => {
    const big = 'x'.repeat(1_000_000);
    expect((await output(version, 'kubectl exec -i box -c main -- cat', big)).length).toBe(big.length);
    const { code, stdout, stderr } = await shell(version, "kubectl exec box -c main -- sh -c 'echo out; echo err >&2; exit 7'");
    expect({ code, stdout, stderr }).toEqual({ code: 7, stdout: 'out\n', stderr: expect.stringMatching(/^err\ncommand terminated with exit code 7\n$/) });
    expect(await shell(version, 'kubectl exec box -c main -- nothing')).toMatchObject({ code: 126, stderr: 'command terminated with exit code 126\n', stdout: expect.stringContaining('"nothing": executable file not found') });
  }, 60_000);

  test('exec -it: a terminal of the size of the one in front', async () => {
    expect(await output(version, onTerminal('kubectl exec -it box -c main -- sh -c "sleep 0.3; stty size; tty"'))).toMatch(/33 99\r\n\/dev\/pts\/\d+\r\n/);
  }, 60_000);

  test('attach: what is typed reaches the process, and its answer the terminal', async () => {
    expect(await output(version, `(echo ${version}; sleep 3) | timeout 5 kubectl attach -i echo 2>/dev/null || [ $? = 124 ]`)).toContain(`you said ${version}\n`);
  }, 60_000);

  test('cp: files go in and come out as they were', async () => {
    await output(version, 'head -c 300000 /dev/urandom >/tmp/in && kubectl cp /tmp/in box:/tmp/file -c main && kubectl cp box:/tmp/file /tmp/out -c main');
    expect(await output(version, 'sha256sum </tmp/out')).toBe(await output(version, 'sha256sum </tmp/in'));
  }, 60_000);

  test.each(['pod/web 18080:8080', 'service/web 18080:80'])('port-forward %s', async (words) => {
    // What the last one said would pass for what this one says, until it has begun.
    const text = `rm -f /tmp/forward; kubectl port-forward ${words} >/tmp/forward 2>&1 & forward=$!
      until grep -qs Forwarding /tmp/forward; do kill -0 $forward || { cat /tmp/forward >&2; exit 1; }; sleep 0.05; done
      for each in 1 2 3; do curl --silent --max-time 5 http://127.0.0.1:18080/ || cat /tmp/forward >&2; done; kill $forward; wait`;
    expect((await shell(version, text)).stdout).toBe('web 1 on web\n'.repeat(3));
  }, 60_000);

  test('run --rm: a pod for one command', async () => {
    expect(await output(version, 'kubectl run once --rm -i --image=box:1 --restart=Never --command -- sh -c "read -r x; echo got \\$x" 2>/dev/null', 'this\n')).toContain('got this\n');
    expect(await output(version, onTerminal('kubectl run once --rm -it --image=box:1 --restart=Never --command -- sh -c "sleep 1; tty"'))).toMatch(/\/dev\/pts\/\d+\r\n/);
    expect((await shell(version, 'kubectl get pod once')).stderr).toContain('pods "once" not found');
  }, 60_000);
});

test('the newer kubectl speaks WebSocket throughout, and never falls back', async () => {
  const exec = await shell('1.32', 'kubectl -v=8 exec box -c main -- true');
  expect(exec.stderr).toContain('v5.channel.k8s.io');
  expect(exec.stderr).not.toMatch(/fallback|POST .*exec/i);
  const forward = await shell('1.32', `kubectl -v=8 port-forward pod/web 18081:8080 >/tmp/forward 2>&1 & forward=$!
    until grep -qs Forwarding /tmp/forward; do sleep 0.05; done; curl --silent --max-time 5 http://127.0.0.1:18081/ >&2; kill $forward; wait; cat /tmp/forward`);
  expect(forward.stdout).toMatch(/SPDY\/3\.1\+portforward\.k8s\.io|tunnel/i);
  expect(forward.stdout).not.toMatch(/fallback/i);
});
