import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueCertificate } from '../../../process/certificates.ts';
import { type ControlPlane, eventually } from '../../rig/controlPlane.ts';
import { addNodes, HandKubelet } from '../../rig/handKubelet.ts';
import { tokenKubeconfig } from '../tokenKubeconfig.ts';
import { Replica } from './replica.ts';
import { ACCESS, DEFINITION, site } from './siteManifests.ts';

interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly fieldsV1: object;
}

/** A machine that compiles beside this is slow. */
const PATIENCE_SECONDS = 60;

/**
 * An operator written with client-go in two replicas: its whole life, from the definition of its kind to its removal, as a user sees it by kubectl. Throws where
 * anything is otherwise than with Kubernetes.
 */
export async function liveWithGoOperator(plane: ControlPlane, program: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-operator-'));
  const replicas: Replica[] = [];
  const kubelet = new HandKubelet(plane.client);
  try {
    await addNodes(plane.client, ['n1', 'n2']);
    const step = new OperatorLife(plane, folder, program, replicas);
    await step.install();
    await step.judgeWhatUsersWrite();
    await step.convert();
    await step.rollOut();
    await step.undoWhatOthersChange();
    await step.surviveARestartOfTheApiServer();
    await step.changeTheLeader();
    await step.deleteSites();
    await step.removeTheDefinition();
  } catch (error) {
    for (const { identity, said } of replicas) process.stderr.write(`${identity}: ${said}\n`);
    throw error;
  } finally {
    for (const replica of replicas) await replica.end('SIGKILL');
    await kubelet.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

class OperatorLife {
  readonly #plane: ControlPlane;
  readonly #folder: string;
  readonly #program: string;
  readonly #replicas: Replica[];

  constructor(plane: ControlPlane, folder: string, program: string, replicas: Replica[]) {
    this.#plane = plane;
    this.#folder = folder;
    this.#program = program;
    this.#replicas = replicas;
  }

  async install(): Promise<void> {
    await this.#run('apply -f -', ACCESS);
    await this.#run('apply -f -', DEFINITION);
    await this.#run('wait --for=condition=Established crd/sites.web.gantry.test --timeout=10s');
    const authority = await createAuthority('webhooks', Date.now());
    const { certificate, key } = await issueCertificate(authority, { commonName: 'webhook', usages: ['server'], names: ['127.0.0.1'] }, Date.now());
    writeFileSync(this.#file('certificate'), certificate);
    writeFileSync(this.#file('key'), key, { mode: 0o600 });
    writeFileSync(this.#file('authority'), authority.certificate);
    await tokenKubeconfig(this.#plane, 'operators', 'site-operator', this.#file('kubeconfig'));
    const first = await this.#start('first');
    await this.#until('the first replica leads', async () => (await first.metrics()).get('leading') === 1);
    const second = await this.#start('second');
    await this.#until('the leader has written its webhooks', async () => (await this.#run('get crd sites.web.gantry.test -o jsonpath={.spec.conversion.strategy}')) === 'Webhook');
    assert.equal((await second.metrics()).get('leading'), 0);
    assert.equal(await this.#run('get lease -n operators site-operator -o jsonpath={.spec.holderIdentity}'), 'first');
    assert.equal(await this.#run('auth can-i delete sites.web.gantry.test -n default --as=anybody --as-group=nobody').catch(() => 'no'), 'no');
    await this.#run('create rolebinding editors --clusterrole=edit --user=anybody -n default');
    await this.#until('editors may have sites', async () => (await this.#run('auth can-i delete sites.web.gantry.test -n default --as=anybody').catch(() => 'no')) === 'yes');
    // What it applied of the definition is its own; the rest stays with whom it was.
    const { metadata } = JSON.parse(await this.#run('get crd sites.web.gantry.test -o json --show-managed-fields')) as { readonly metadata: { readonly managedFields: readonly ManagedFields[] } };
    const owned = metadata.managedFields.filter(({ manager }) => manager === 'site-operator').map(({ operation, fieldsV1 }) => ({ operation, fieldsV1 }));
    const fieldsV1 = { 'f:spec': { 'f:conversion': { 'f:strategy': {}, 'f:webhook': { 'f:clientConfig': { 'f:caBundle': {}, 'f:url': {} }, 'f:conversionReviewVersions': {} } } } };
    assert.deepEqual(owned, [{ operation: 'Apply', fieldsV1 }]);
  }

  async judgeWhatUsersWrite(): Promise<void> {
    const made = await this.#plane.kubectl(['apply', '-f', '-'], { input: site('shop', { replicas: 2 }) });
    assert.deepEqual([made.code, made.stdout], [0, 'site.web.gantry.test/shop created\n']);
    assert.equal(made.stderr, 'Warning: spec.pages was empty: a first page was written\n');
    assert.deepEqual(JSON.parse(await this.#run('get site shop -o jsonpath={.spec}')), { image: 'web', maxReplicas: 5, pages: { index: 'Hello from shop' }, replicas: 2, zone: 'north' });
    await this.#refused('apply -f -', site('many', { replicas: 9 }), 'The Site "many" is invalid: spec.replicas: Forbidden: more replicas than maxReplicas');
    await this.#refused('apply -f -', site('shop', { zone: 'south' }), 'The Site "shop" is invalid: spec.zone: Invalid value: "south": a site does not move');
    await this.#refused('apply -f -', site('odd', { pages: { '../etc': 'x' } }), 'admission webhook "judge.web.gantry.test" denied the request: spec.pages[../etc]: leads out of the site');
    await this.#refused('apply -f -', site('odd', { colour: 'red' }), 'strict decoding error: unknown field "spec.colour"');
    assert.equal(await this.#run('apply --dry-run=server -f -', site('dry', {})), 'site.web.gantry.test/dry created (server dry run)');
    await this.#refused('get site dry', undefined, 'sites.web.gantry.test "dry" not found');
    assert.match(await this.#run('explain site.spec.replicas'), /How many pods serve the pages\./);
  }

  async convert(): Promise<void> {
    const old = await this.#plane.kubectl(['apply', '-f', '-'], { input: site('blog', { size: 1, text: 'Once upon a time' }, 'v1alpha1') });
    assert.deepEqual([old.code, old.stdout, old.stderr], [0, 'site.web.gantry.test/blog created\n', 'Warning: Site v1alpha1 is old; use v1\n']);
    assert.deepEqual(JSON.parse(await this.#run('get site blog -o jsonpath={.spec}')), { image: 'web', maxReplicas: 5, pages: { index: 'Once upon a time' }, replicas: 1, zone: 'north' });
    assert.equal(await this.#run('get sites.v1alpha1.web.gantry.test shop -o jsonpath={.spec.text},{.spec.size}'), 'Hello from shop,2');
    await this.#run('patch sites.v1alpha1.web.gantry.test blog --type=merge -p {"spec":{"text":"The_end"}}');
    assert.equal(await this.#run('get site blog -o jsonpath={.spec.pages.index}'), 'The_end');
  }

  async rollOut(): Promise<void> {
    await this.#run(`wait --for=condition=Ready site/shop site/blog --timeout=${PATIENCE_SECONDS}s`);
    const [head, ...rows] = (await this.#run('get st')).split('\n').map((line) => line.split(/\s+/));
    assert.deepEqual(head, ['NAME', 'ZONE', 'DESIRED', 'READY', 'AGE']);
    assert.deepEqual(rows.map((row) => row.slice(0, 4)), [['blog', 'north', '1', 'True'], ['shop', 'north', '2', 'True']]);
    assert.equal(await this.#run('get deployment shop -o jsonpath={.metadata.ownerReferences[0].kind},{.metadata.ownerReferences[0].blockOwnerDeletion},{.spec.replicas}'), 'Site,true,2');
    assert.equal(await this.#run('scale site/shop --current-replicas=2 --replicas=3'), 'site.web.gantry.test/shop scaled');
    await this.#until('the Deployment follows', async () => (await this.#run('get site shop -o jsonpath={.status.readyReplicas}')) === '3');
    await this.#run(`wait --for=condition=Ready site/shop --timeout=${PATIENCE_SECONDS}s`);
    assert.equal(await this.#run('get --raw /apis/web.gantry.test/v1/namespaces/default/sites/shop/scale').then((text) => JSON.stringify((JSON.parse(text) as { readonly status: object }).status)), '{"replicas":3,"selector":"site=shop"}');
    await this.#refused('scale site/shop --replicas=6', undefined, 'more replicas than maxReplicas');
    await this.#until('both kinds of events are written', async () => {
      const seen = await this.#run('get events --field-selector involvedObject.kind=Site,involvedObject.name=shop -o jsonpath={.items[*].reason}');
      return seen.includes('Created') && seen.includes('Scaled');
    });
    // Nothing changes any more, so nobody works, though the operator applies at each event.
    await this.#quiet();
  }

  async undoWhatOthersChange(): Promise<void> {
    const conflict = await this.#plane.kubectl(['apply', '--server-side', '--field-manager=someone', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop', namespace: 'default' }, data: { index: 'Mine', more: 'x' } }) });
    assert.equal(conflict.code, 1);
    assert.match(conflict.stderr, /Apply failed with 1 conflict: conflict with "site-operator": \.data\.index/);
    await this.#run('patch configmap shop --type=merge -p {"data":{"index":"Mine","more":"theirs"}}');
    await this.#until('the page is the operator\'s again, and what it does not own stays', async () => (await this.#run('get configmap shop -o jsonpath={.data.index},{.data.more}')) === 'Hello from shop,theirs');
    await this.#run('delete deployment shop --wait=true');
    await this.#until('the Deployment is made anew', async () => (await this.#run('get deployment shop -o name --ignore-not-found')) === 'deployment.apps/shop');
    await this.#run(`wait --for=condition=Ready site/shop --timeout=${PATIENCE_SECONDS}s`);
  }

  async surviveARestartOfTheApiServer(): Promise<void> {
    await this.#quiet();
    const [leader] = this.#replicas;
    const before = await leader!.metrics();
    await this.#plane.restartApiServer();
    await this.#until('it watches again', async () => [...(await leader!.metrics())].filter(([name, count]) => name.startsWith('watches_total') && count > (before.get(name) ?? 0)).length === 3);
    await this.#run('patch site shop --type=merge -p {"spec":{"replicas":1,"pages":{"index":"Again"}}}');
    await this.#until('what changed afterwards is made', async () => (await this.#run('get configmap shop -o jsonpath={.data.index}')) === 'Again');
    await this.#until('the Deployment has one replica', async () => (await this.#run('get site shop -o jsonpath={.status.replicas},{.status.readyReplicas}')) === '1,1');
    const after = await leader!.metrics();
    // The window of events begins anew with the server: each informer lists once more, and not again.
    for (const [name, count] of after) if (name.startsWith('lists_total')) assert.ok(count <= (before.get(name) ?? 0) + 1, `${name}: ${count}`);
    process.stdout.write(`go-operator: ${[...after].map((each) => each.join(' ')).join(', ')}\n`);
    assert.equal(await this.#run('get lease -n operators site-operator -o jsonpath={.spec.holderIdentity},{.spec.leaseTransitions}'), 'first,0');
  }

  async changeTheLeader(): Promise<void> {
    const [first, second] = this.#replicas;
    await first!.end('SIGKILL');
    await this.#run('patch site shop --type=merge -p {"spec":{"replicas":2}}').catch(() => 'the webhook is gone with the replica');
    await this.#until('the second replica leads', async () => (await second!.metrics()).get('leading') === 1);
    assert.equal(await this.#run('get lease -n operators site-operator -o jsonpath={.spec.holderIdentity},{.spec.leaseTransitions}'), 'second,1');
    await this.#until('its webhooks answer', async () => (await this.#run('patch site shop --type=merge -p {"spec":{"replicas":2}}').catch(() => '')).startsWith('site.web.gantry.test/shop patched'));
    await this.#until('it works', async () => (await this.#run('get site shop -o jsonpath={.status.readyReplicas}')) === '2');
    const third = await this.#start('third');
    await second!.end('SIGTERM');
    await this.#until('the Lease was released, and the third leads', async () => (await third.metrics()).get('leading') === 1);
    await this.#until('its webhooks answer', async () => (await this.#run('annotate site shop web.gantry.test/keep=true --overwrite').catch(() => '')) !== '');
  }

  async deleteSites(): Promise<void> {
    await this.#refused('delete site shop', undefined, 'admission webhook "judge.web.gantry.test" denied the request: the annotation web.gantry.test/keep says that it stays');
    await this.#until('the Site is converted and annotated', async () => (await this.#run('annotate site shop web.gantry.test/keep-').catch(() => '')) !== '');
    assert.equal(await this.#run('delete site shop --timeout=30s'), 'site.web.gantry.test "shop" deleted');
    assert.notEqual(await this.#run('get configmap shop-farewell -o jsonpath={.data.uid}'), '');
    await this.#until('what it owned is collected', async () => (await this.#run('get deployments,replicasets,pods,configmaps -l site=shop -o name')) === '');
    // In the foreground, the owner goes last.
    assert.equal(await this.#run('delete site blog --cascade=foreground --timeout=60s'), 'site.web.gantry.test "blog" deleted');
    assert.equal(await this.#run('get deployments,replicasets,pods -l site=blog -o name'), '');
    await this.#run('apply -f -', site('orphaned', { pages: { index: 'x' } }));
    await this.#until('it has its Deployment', async () => (await this.#run('get site orphaned -o jsonpath={.status.observedGeneration}')) === '1');
    await this.#run('delete site orphaned --cascade=orphan --timeout=30s');
    assert.equal(await this.#run('get deployment orphaned -o jsonpath={.metadata.ownerReferences}'), '');
    await this.#run('delete deployment,configmap orphaned');
  }

  async removeTheDefinition(): Promise<void> {
    await this.#run('apply -f -', site('last', { pages: { index: 'x' } }));
    await this.#until('it has its finalizer', async () => (await this.#run('get site last -o jsonpath={.metadata.finalizers}')).includes('farewell'));
    assert.equal(await this.#run('delete crd sites.web.gantry.test --timeout=60s'), 'customresourcedefinition.apiextensions.k8s.io "sites.web.gantry.test" deleted');
    assert.notEqual(await this.#run('get configmap last-farewell -o jsonpath={.data.uid}'), '');
    await this.#until('the Deployment is collected', async () => (await this.#run('get deployments -l site=last -o name')) === '');
    await this.#run('apply -f -', DEFINITION);
    await this.#run('wait --for=condition=Established crd/sites.web.gantry.test --timeout=10s');
    await this.#until('a Site is made as before', async () => (await this.#run('apply -f -', site('again', { pages: { index: 'x' } })).catch(() => '')) !== '');
    await this.#run(`wait --for=condition=Ready site/again --timeout=${PATIENCE_SECONDS}s`);
  }

  readonly #file = (name: string): string => join(this.#folder, name);
  readonly #run = (words: string, input?: string): Promise<string> => this.#plane.run(words, input);

  async #start(identity: string): Promise<Replica> {
    const words = ['--identity', identity, '--namespace', 'operators', ...['kubeconfig', 'certificate', 'key', 'authority'].flatMap((name) => [`--${name}`, this.#file(name)])];
    const replica = await Replica.start(identity, this.#program, words);
    this.#replicas.push(replica);
    return replica;
  }

  #until(what: string, look: () => Promise<boolean>): Promise<true> {
    return eventually(what, async () => ((await look()) ? true : undefined), PATIENCE_SECONDS);
  }

  async #refused(words: string, input: string | undefined, message: string): Promise<void> {
    const { code, stdout, stderr } = await this.#plane.kubectl(words.split(' '), input === undefined ? {} : { input });
    assert.equal(code, 1, `${words}: ${stdout}`);
    assert.ok(stderr.includes(message), `${words}: ${stderr}`);
  }

  /** Waits until the leader has done nothing for two seconds. */
  async #quiet(): Promise<void> {
    const leader = this.#replicas[0]!;
    let last = { count: -1, since: performance.now() };
    await this.#until('the leader is at rest', async () => {
      const count = (await leader.metrics()).get('reconciles_total') ?? 0;
      if (count !== last.count) last = { count, since: performance.now() };
      return performance.now() - last.since > 2_000;
    });
  }
}
