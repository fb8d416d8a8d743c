// An operator written with @dot-i/k8s-operator (and the old @kubernetes/client-node below it): registers its kind from a file, watches, keeps a ConfigMap for each
// Lamp, sets its status, cleans up behind a finalizer. As the library wants it, the process ends when a watch breaks, and is started again by who runs it.
import { createRequire } from 'node:module';

// The packages are installed in the folder in which this runs.
const require = createRequire(`${process.cwd()}/`);
const { default: Operator } = require('@dot-i/k8s-operator');
const { CoreV1Api, CustomObjectsApi } = require('@kubernetes/client-node');

const FINALIZER = 'node.gantry.test/dark';
const log = (message) => void process.stderr.write(`${message}\n`);

class LampOperator extends Operator {
  async init() {
    this.core = this.kubeConfig.makeApiClient(CoreV1Api);
    const { group, versions, plural } = await this.registerCustomResourceDefinition(process.argv[2]);
    await this.#served(group, versions[0].name, plural);
    await this.watchResource(group, versions[0].name, plural, (event) => this.#reconcile(event).catch((error) => log(`${event.meta.name}: ${error.body?.message ?? error.message}`)));
  }

  /** A kind is served a moment after its definition was accepted. */
  async #served(group, version, plural) {
    const custom = this.kubeConfig.makeApiClient(CustomObjectsApi);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await custom.listClusterCustomObject(group, version, plural);
        return;
      } catch (error) {
        if (attempt === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async #reconcile(event) {
    const { object, meta, type } = event;
    if (type !== 'ADDED' && type !== 'MODIFIED') return;
    const { name, namespace, uid, generation } = object.metadata;
    const isDone = await this.handleResourceFinalizer(event, FINALIZER, () => this.core.createNamespacedConfigMap(namespace, { metadata: { name: `${name}-dark` }, data: { uid } }).catch(unless(409)));
    if (isDone || object.status?.observedGeneration === generation) return;
    const owner = { apiVersion: object.apiVersion, kind: object.kind, name, uid, controller: true, blockOwnerDeletion: true };
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ownerReferences: [owner] }, data: { watts: String(object.spec.watts) } };
    const options = { headers: { 'content-type': 'application/apply-patch+yaml' } };
    await this.core.patchNamespacedConfigMap(name, namespace, body, undefined, undefined, 'lamp-operator', undefined, true, options);
    await this.setResourceStatus(meta, { observedGeneration: generation, shines: true });
  }
}

const unless = (status) => (error) => {
  if (error.response?.statusCode !== status) throw error;
};

const operator = new LampOperator({ info: log, debug: () => undefined, warn: log, error: log });
process.on('SIGTERM', () => {
  operator.stop();
  process.exit(0);
});
await operator.start();
process.stdout.write('{"started":true}\n');
