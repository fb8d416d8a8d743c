import { type ControlPlane, eventually, startControlPlane } from '../rig/controlPlane.ts';
import { type ExtensionServer, startExtensionServer } from '../rig/extensionServer.ts';
import { addNodes } from '../rig/handKubelet.ts';
import { KUBECTL_VERSIONS } from '../rig/kubectl.ts';

let extension: ExtensionServer;
let plane: ControlPlane;

beforeAll(async () => {
  extension = await startExtensionServer('extension', 'default');
  plane = await startControlPlane({ controllers: [], scheduler: false, api: { proxyClient: extension.proxyClient, requestHeaderAuthority: extension.frontAuthority } });
  const registration = (version: string, group: string): object => ({
    apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: `${version}.${group}` },
    spec: { group, version, groupPriorityMinimum: 100, versionPriority: 100, service: { namespace: 'default', name: 'extension', port: extension.port }, caBundle: Buffer.from(extension.authority).toString('base64') },
  });
  const items = [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'extension', namespace: 'default' }, spec: { type: 'ExternalName', externalName: 'localhost' } }, registration('v1alpha1', 'wardle.example.com'), registration('v1beta1', 'metrics.k8s.io')];
  await plane.run('create -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await addNodes(plane.client, ['n1']);
  await plane.run('wait --for=condition=Available apiservice/v1alpha1.wardle.example.com apiservice/v1beta1.metrics.k8s.io --timeout=90s');
  await eventually('its documents are published', async () => ((await plane.run('get --raw /openapi/v3')).includes('wardle') ? true : undefined));
});

afterAll(async () => {
  await plane.close();
  await extension.close();
});

describe.each(KUBECTL_VERSIONS)('kubectl %s and an extension API server', (version) => {
  const run = async (words: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await plane.kubectl(words.split(' '), { version, ...(input === undefined ? {} : { input }) });
    expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
    return stdout;
  };

  test('sees it, reads it, explains it and writes to it', async () => {
    expect(await run('get apiservices v1alpha1.wardle.example.com v1.apps')).toMatch(/^NAME +SERVICE +AVAILABLE +AGE\nv1alpha1.wardle.example.com +default\/extension +True +\S+\nv1.apps +Local +True +\S+\n$/);
    expect(await run('api-resources --api-group=wardle.example.com')).toMatch(/flunders +fl +wardle.example.com\/v1alpha1 +true +Flunder/);
    expect((await run('api-versions')).split('\n')).toEqual(expect.arrayContaining(['metrics.k8s.io/v1beta1', 'wardle.example.com/v1alpha1']));
    const name = `by-${version.replace('.', '-')}`;
    await run('create --validate=false -f -', JSON.stringify({ apiVersion: 'wardle.example.com/v1alpha1', kind: 'Flunder', metadata: { name, namespace: 'default' } }));
    expect(await run('get fl -o name')).toContain(`flunder.wardle.example.com/${name}\n`);
    expect(await run('explain flunders.spec --api-version=wardle.example.com/v1alpha1')).toContain('Reference names another.');
  });

  test('shows the use of nodes by metrics.k8s.io', async () => {
    expect((await run('top node')).split('\n')[1]).toMatch(/^n1 +250m +\d+% +1024Mi +\d+% *$/);
  });
});
