import { failure } from '../../../api/apiError.ts';
import type { V1Pod, V1PodSpec } from '../../../api/generated/types.ts';
import type { KubeObject } from '../../../api/meta.ts';
import type { IncomingObject } from '../../../api/resourceDefinition.ts';
import { objectKey } from '../../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import { record } from '../configurationObject.ts';
import { refusal } from '../refusal.ts';
import { ownField } from '../../../api/values/ownField.ts';
import type { StoredObjects } from '../storedObjects.ts';

type Labels = Readonly<Record<string, string>>;

const NAMESPACES = { group: '', resource: 'namespaces' };
const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector';
const CLUSTER_DEFAULT = 'clusterDefaultNodeSelector';

/** Pods of a namespace go to the nodes which its annotation, or the cluster's default, selects. */
export class PodNodeSelector implements AdmissionPlugin {
  readonly name = 'PodNodeSelector';
  readonly #objects: StoredObjects;
  /** Texts of selectors by namespace: what its pods may select at most. */
  readonly #selectors: Labels;

  constructor(objects: StoredObjects, configuration: unknown) {
    this.#objects = objects;
    const given = configuration === undefined ? {} : record(record(configuration, 'PodNodeSelector')['podNodeSelectorPluginConfig'] ?? {}, 'podNodeSelectorPluginConfig');
    this.#selectors = Object.fromEntries(Object.entries(given).map(([name, text]) => [name, String(text)]));
  }

  async admit(attributes: AdmissionAttributes): Promise<void> {
    const pod = newPod(attributes);
    if (!pod?.spec) return;
    const wanted = await this.#judged(attributes, pod.spec);
    if (Object.keys(wanted).length > 0) pod.spec.nodeSelector = { ...wanted, ...pod.spec.nodeSelector };
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const pod = newPod(attributes);
    if (!pod?.spec) return;
    await this.#judged(attributes, pod.spec);
    const allowed = parseSelector(ownField(this.#selectors, attributes.namespace) ?? '');
    if (Object.keys(allowed).length > 0 && Object.entries(pod.spec.nodeSelector ?? {}).some(([name, value]) => allowed[name] !== value)) throw refusal(attributes, 'pod node label selector labels conflict with its namespace whitelist');
  }

  /** What the namespace selects; throws where the pod selects otherwise. */
  async #judged(attributes: AdmissionAttributes, { nodeSelector }: V1PodSpec): Promise<Labels> {
    const selectorOf = (namespace: KubeObject | undefined): Labels => parseSelector(namespace?.metadata.annotations?.[ANNOTATION] ?? this.#selectors[CLUSTER_DEFAULT] ?? '');
    const { why, object } = await this.#objects.judge(objectKey(NAMESPACES, '', attributes.namespace), (namespace) =>
      Object.entries(selectorOf(namespace)).some(([name, value]) => (ownField(nodeSelector, name) ?? value) !== value) ? 'pod node label selector conflicts with its namespace node label selector' : undefined);
    if (why !== undefined) throw refusal(attributes, why);
    return selectorOf(object);
  }
}

function newPod({ operation, definition, subresource, object }: AdmissionAttributes): IncomingObject<V1Pod> | undefined {
  return operation === 'CREATE' && definition.group === '' && definition.plural === 'pods' && subresource === '' ? (object) : undefined;
}

/** `a=b,c=d`. */
function parseSelector(text: string): Labels {
  return Object.fromEntries(
    text.split(',').map((each) => each.trim()).filter((each) => each !== '').map((each) => {
      const [name = '', value, ...rest] = each.split(/==?/);
      if (value === undefined || rest.length > 0) throw failure(500, 'InternalError', `invalid selector: ${text}`);
      return [name.trim(), value.trim()];
    }),
  );
}
