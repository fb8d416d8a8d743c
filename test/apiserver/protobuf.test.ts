import { eventually, startControlPlane, type ControlPlane } from '../rig/controlPlane.ts';
import type { KubectlVersion } from '../rig/kubectl.ts';

/** kubectl since 1.32 sends built-in kinds as protobuf, prefers it for answers, and watches in it: Go reads what is written here. */
const VERSIONS: readonly KubectlVersion[] = ['1.32', '1.36'];

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane({ scheduler: false });
});
afterAll(() => plane.close());

describe.each(VERSIONS)('kubectl %s', (version) => {
  const namespace = `proto-${version.replace('.', '-')}`;

  async function run(words: string): Promise<string> {
    const { code, stdout, stderr } = await plane.kubectl(['--namespace', namespace, ...words.split(' ')], { version });
    if (code !== 0) throw new Error(`kubectl ${words} ended with ${code}: ${stderr}${stdout}`);
    return stdout.trimEnd();
  }

  async function exists(name: string): Promise<true | undefined> {
    return (await plane.kubectl(['--namespace', namespace, 'get', name], { version })).code === 0 ? true : undefined;
  }

  it('sends and is answered in protobuf', async () => {
    const { code, stderr } = await plane.kubectl(['create', 'namespace', namespace, '-v=8'], { version });
    expect(code).toBe(0);
    expect(stderr.match(/Content-Type: application\/vnd\.kubernetes\.protobuf/g)).toHaveLength(2);
  });

  it.each([
    ['create serviceaccount robot', 'serviceaccount/robot created'],
    ['create configmap settings --from-literal=a=b', 'configmap/settings created'],
    ['create secret generic password --from-literal=p=q', 'secret/password created'],
    ['create deployment web --image=example/web --replicas=2 --port=80', 'deployment.apps/web created'],
    ['create job once --image=example/once -- sh -c true', 'job.batch/once created'],
    ['create cronjob often --image=example/often --schedule=@hourly', 'cronjob.batch/often created'],
    ['create ingress door --rule=example.org/x*=web:80', 'ingress.networking.k8s.io/door created'],
    ['create poddisruptionbudget some --selector=app=web --min-available=50%', 'poddisruptionbudget.policy/some created'],
    ['create quota limited --hard=pods=20,requests.storage=1500Mi', 'resourcequota/limited created'],
    ['create role reader --verb=get --resource=pods', 'role.rbac.authorization.k8s.io/reader created'],
    ['create service nodeport web --tcp=80:http', 'service/web created'],
    ['auth can-i create pods', 'yes'],
  ])('%s', async (words, answer) => {
    expect(await run(words)).toBe(answer);
  });

  it.each([
    ['configmap/settings', '{.data}', '{"a":"b"}'],
    ['secret/password', '{.data}', '{"p":"cQ=="}'],
    ['deployment/web', '{.spec.replicas} {.spec.template.spec.containers[0].ports[0].containerPort}', '2 80'],
    ['job/once', '{.spec.template.spec.containers[0].command}', '["sh","-c","true"]'],
    ['cronjob/often', '{.spec.schedule}', '@hourly'],
    ['ingress/door', '{.spec.rules[0].http.paths[0].backend}', '{"service":{"name":"web","port":{"number":80}}}'],
    ['poddisruptionbudget/some', '{.spec.minAvailable}', '50%'],
    ['resourcequota/limited', '{.spec.hard}', '{"pods":"20","requests.storage":"1500Mi"}'],
    ['service/web', '{.spec.ports[0].targetPort}', 'http'],
  ])('%s was understood', async (name, path, value) => {
    const { stdout } = await plane.kubectl(['--namespace', namespace, 'get', name, '-o', `jsonpath=${path}`], { version });
    expect(stdout).toBe(value);
  });

  it('a token, a description, a scale and a delete', async () => {
    expect(await run('create token robot')).toMatch(/^ey/);
    expect(await run(`describe namespace ${namespace}`)).toContain('limited');
    expect(await run('scale deployment web --replicas=0')).toBe('deployment.apps/web scaled');
    expect(await run('delete configmap settings')).toContain('configmap "settings" deleted');
  });

  it('waits for a pod by a watch in protobuf', async () => {
    await eventually('the service account', () => exists('serviceaccount/default'));
    const words = `--namespace ${namespace} run visitor --image=example/visitor --restart=Never --stdin --pod-running-timeout=100s -v=8`;
    const waiting = plane.kubectl(words.split(' '), { version });
    await eventually('the pod', () => exists('pod/visitor'));
    await run('patch pod visitor --subresource=status --type=merge --patch={"status":{"phase":"Succeeded"}}');
    const { stderr } = await waiting;
    expect(stderr).toContain('Content-Type: application/vnd.kubernetes.protobuf;stream=watch');
    expect(stderr).toContain('/pods/visitor/log');
  });
});
