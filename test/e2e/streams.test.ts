import { dirname } from 'node:path';
import { createRig, type Rig } from '../rig/rig.ts';
import type { RigHost } from '../rig/host.ts';
import { loadImages } from '../rig/images.ts';
import { kubectlPath, type KubectlVersion } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';
import type { CommandResult } from '../../host/command.ts';

/** What goes on between a terminal and a running container, by the kubectl that speaks WebSocket and the one that speaks SPDY. */
let rig: Rig;
let host: RigHost;

/** Between the pod's last lines. */
const SLOW_SECONDS = 6;
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
  containers: [{name: web, image: 'web:1', readinessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 1, timeoutSeconds: 10}}]
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
  containers: [{name: slow, image: 'box:1', command: [sh, -c, 'echo old; echo older still; sleep ${SLOW_SECONDS}; echo new']}]
---
apiVersion: v1
kind: Pod
metadata: {name: crash}
spec:
  volumes: [{name: memory, emptyDir: {}}]
  containers:
  - name: crash
    image: 'box:1'
    volumeMounts: [{name: memory, mountPath: /memory}]
    command: [sh, -c, 'if mkdir /memory/once 2>/dev/null; then echo the first run; exit 3; fi; echo the second run; exec sleep 100000']
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
  await host.check([`${repositoryRoot}/bin/gantry`, 'up'], { timeoutMilliseconds: 300_000 });
  await loadImages(host, { 'box:1': 'box', 'web:1': 'web' });
  await host.check([kubectlPath('1.32'), 'apply', '-f', '-'], { input: PODS });
  await host.check([kubectlPath('1.32'), 'wait', '--for=condition=Ready', 'pod/box', 'pod/web', 'pod/echo', '--timeout=150s']);
}, 800_000);
afterAll(() => rig.close(), 300_000);

/** Shell text in the host, where `kubectl` is of the version given. */
function shell(version: KubectlVersion, text: string, input = ''): Promise<CommandResult> {
  return host.exec(['bash', '-c', text], { input, timeoutMilliseconds: 180_000, env: { PATH: `${dirname(kubectlPath(version))}:${host.environment['PATH']}` } });
}

async function output(version: KubectlVersion, text: string, input = ''): Promise<string> {
  const { code, stdout, stderr } = await shell(version, text, input);
  if (code !== 0) throw new Error(`${text}: ${code} ${stderr}${stdout}`);
  return stdout;
}

/** What the text prints as soon as it is this: the engine writes down what a container says in its own time. */
async function prints(text: string, wanted: string | RegExp): Promise<void> {
  let printed = '';
  await eventually(text, 90_000, async () => {
    const { stdout, stderr } = await shell('1.32', text);
    printed = stdout + stderr;
    return (typeof wanted === 'string' ? stdout === wanted : wanted.test(stdout)) ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`it is not ${String(wanted)}: ${printed}`, { cause: error });
  });
}

/** Descriptor 3 is a keyboard on which a line was typed, and that stays connected. */
const typing = (line: string): string => `rm -f /tmp/keyboard; mkfifo /tmp/keyboard; exec 3<>/tmp/keyboard; echo '${line}' >&3;`;

/** Runs the words on a terminal of 33 rows and 99 columns. */
const onTerminal = (words: string): string => `script --quiet --return --command 'stty rows 33 cols 99; ${words}' /dev/null`;

test('logs: of all containers, the last lines, the newest, and until the end', async () => {
  await prints('kubectl logs box --all-containers --prefix | sort', '[pod/box/main] main begins\n[pod/box/side] side begins\n');
  await prints('kubectl logs box -c side --timestamps', /^\d{4}-\d\d-\d\dT[\d:.]+Z side begins\n$/);
  await prints('kubectl logs slow', /^old\nolder still\n/);
  expect(await output('1.32', 'kubectl logs slow -f')).toBe('old\nolder still\nnew\n');
  const older = Date.parse((await output('1.32', 'kubectl logs slow --timestamps')).split('\n')[1]!.split(' ')[0]!);
  await eventually('what came after the older lines', 60_000, async () => {
    // Whole seconds that lead to between the two now; some more have gone by when the server counts.
    const since = Math.ceil((Date.now() - older) / 1000) - 2;
    const began = Date.now();
    const newer = await output('1.32', `kubectl logs slow --since=${since}s`);
    if (newer === '' && Date.now() - began > (SLOW_SECONDS - 2) * 1000) return undefined;
    expect(newer).toBe('new\n');
    return true;
  });
  expect(await output('1.32', 'kubectl logs slow --tail=2')).toBe('older still\nnew\n');
  expect(await output('1.32', 'kubectl logs slow --limit-bytes=6')).toBe('old\nol');
  expect((await shell('1.32', 'kubectl logs box -c other')).stderr).toContain('container other is not valid for pod box');
});

test('logs: of the run before', async () => {
  await output('1.32', "kubectl wait pod/crash --for=jsonpath='{.status.containerStatuses[0].restartCount}'=1 --timeout=150s");
  await prints('kubectl logs crash', 'the second run\n');
  await prints('kubectl logs crash --previous', 'the first run\n');
  expect((await shell('1.32', 'kubectl logs box -c main --previous')).stderr).toContain('previous terminated container "main" in pod "box" not found');
});

describe.each(['1.32', '1.20'] as const)('kubectl %s', (version) => {
  test('exec: input, output, errors and the exit code', async () => {
    const big = 'x'.repeat(1_000_000);
    expect((await output(version, 'kubectl exec -i box -c main -- cat', big)).length).toBe(big.length);
    const { code, stdout, stderr } = await shell(version, "kubectl exec box -c main -- sh -c 'echo out; echo err >&2; exit 7'");
    expect({ code, stdout, stderr }).toEqual({ code: 7, stdout: 'out\n', stderr: expect.stringMatching(/^err\ncommand terminated with exit code 7\n$/) });
    expect(await shell(version, 'kubectl exec box -c main -- nothing')).toMatchObject({ code: 126, stderr: 'command terminated with exit code 126\n', stdout: expect.stringContaining('"nothing": executable file not found') });
  }, 400_000);

  test('exec -it: a terminal of the size of the one in front', async () => {
    expect(await output(version, onTerminal('kubectl exec -it box -c main -- sh -c "until stty size | grep -q 33; do sleep 0.1; done; stty size; tty"'))).toMatch(/33 99\r\n\/dev\/pts\/\d+\r\n/);
  }, 400_000);

  test('attach: what is typed reaches the process, and its answer the terminal', async () => {
    const text = `${typing(version)} rm -f /tmp/said; kubectl attach -i echo <&3 >/tmp/said 2>&1 & attach=$!
      until grep -qs 'you said ${version}' /tmp/said; do kill -0 $attach || { cat /tmp/said >&2; exit 1; }; sleep 0.05; done; kill $attach; cat /tmp/said`;
    expect(await output(version, text)).toContain(`you said ${version}\n`);
  }, 400_000);

  test('cp: files go in and come out as they were', async () => {
    await output(version, 'head -c 300000 /dev/urandom >/tmp/in && kubectl cp /tmp/in box:/tmp/file -c main && kubectl cp box:/tmp/file /tmp/out -c main');
    expect(await output(version, 'sha256sum </tmp/out')).toBe(await output(version, 'sha256sum </tmp/in'));
  }, 400_000);

  test.each(['pod/web 18080:8080', 'service/web 18080:80'])('port-forward %s', async (words) => {
    // What the last one said would pass for what this one says, until it has begun.
    const text = `rm -f /tmp/forward; kubectl port-forward ${words} >/tmp/forward 2>&1 & forward=$!
      until grep -qs Forwarding /tmp/forward; do kill -0 $forward || { cat /tmp/forward >&2; exit 1; }; sleep 0.05; done
      for each in 1 2 3; do curl --silent --max-time 30 http://127.0.0.1:18080/ || cat /tmp/forward >&2; done; kill $forward; wait`;
    expect((await shell(version, text)).stdout).toBe('web 1 on web\n'.repeat(3));
  }, 400_000);

  test('run --rm: a pod for one command', async () => {
    expect(await output(version, 'kubectl run once --rm -i --image=box:1 --restart=Never --command -- sh -c "read -r x; echo got \\$x" 2>/dev/null', 'this\n')).toContain('got this\n');
    // It waits for a line, so that somebody hears what it says.
    expect(await output(version, `${typing('go')} ${onTerminal('kubectl run once --rm -it --image=box:1 --restart=Never --command -- sh -c "read -r x; tty"')} <&3`)).toMatch(/\/dev\/pts\/\d+\r\n/);
    expect((await shell(version, 'kubectl get pod once')).stderr).toContain('pods "once" not found');
  }, 400_000);
});

test('the newer kubectl speaks WebSocket throughout, and never falls back', async () => {
  const exec = await shell('1.32', 'kubectl -v=8 exec box -c main -- true');
  expect(exec.stderr).toContain('v5.channel.k8s.io');
  expect(exec.stderr).not.toMatch(/fallback|POST .*exec/i);
  const forward = await shell('1.32', `rm -f /tmp/forward; kubectl -v=8 port-forward pod/web 18081:8080 >/tmp/forward 2>&1 & forward=$!
    until grep -qs Forwarding /tmp/forward; do kill -0 $forward || { cat /tmp/forward >&2; exit 1; }; sleep 0.05; done; curl --silent --max-time 30 http://127.0.0.1:18081/ >&2; kill $forward; wait; cat /tmp/forward`);
  expect(forward.stdout).toMatch(/SPDY\/3\.1\+portforward\.k8s\.io|tunnel/i);
  expect(forward.stdout).not.toMatch(/fallback/i);
});
