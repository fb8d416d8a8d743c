import { failure } from '../../../api/apiError.ts';
import type { V1Pod } from '../../../api/generated/types.ts';
import type { IncomingObject } from '../../../api/resourceDefinition.ts';
import { objectKey, type Storage, type WatchCache } from '../../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../../types.ts';
import { record } from '../configurationObject.ts';
import { refusal } from '../refusal.ts';

type Labels = Readonly<Record<string, string>>;

const NAMESPACES = { group: '', resource: 'namespaces' };
const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector';
const CLUSTER_DEFAULT = 'clusterDefaultNodeSelector';

/** Pods of a namespace go to the nodes which its annotation, or the cluster's default, selects. */
export class PodNodeSelector implements AdmissionPlugin {
  readonly name = 'PodNodeSelector';
  readonly #cache: WatchCache;
  readonly #storage: Storage;
  /** Texts of selectors by namespace: what its pods may select at most. */
  readonly #selectors: Labels;

  constructor(cache: WatchCache, storage: Storage, configuration: unknown) {
    this.#cache = cache;
    this.#storage = storage;
    const given = configuration === undefined ? {} : record(record(configuration, 'PodNodeSelector')['podNodeSelectorPluginConfig'] ?? {}, 'podNodeSelectorPluginConfig');
    this.#selectors = Object.fromEntries(Object.entries(given).map(([name, text]) => [name, String(text)]));
  }

  async admit(attributes: AdmissionAttributes): Promise<void> {
    const pod = newPod(attributes);
    if (!pod?.spec) return;
    const wanted = await this.#ofNamespace(attributes);
    if (Object.entries(wanted).some(([name, value]) => (pod.spec?.nodeSelector?.[name] ?? value) !== value)) throw refusal(attributes, 'pod node label selector conflicts with its namespace node label selector');
    if (Object.keys(wanted).length > 0) pod.spec.nodeSelector = { ...wanted, ...pod.spec.nodeSelector };
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const pod = newPod(attributes);
    if (!pod?.spec) return;
    const wanted = await this.#ofNamespace(attributes);
    const own = pod.spec.nodeSelector ?? {};
    if (Object.entries(wanted).some(([name, value]) => (own[name] ?? value) !== value)) throw refusal(attributes, 'pod node label selector conflicts with its namespace node label selector');
    const allowed = parseSelector(this.#selectors[attributes.namespace] ?? '');
    if (Object.keys(allowed).length > 0 && Object.entries(own).some(([name, value]) => allowed[name] !== value)) throw refusal(attributes, 'pod node label selector labels conflict with its namespace whitelist');
  }

  async #ofNamespace({ namespace }: AdmissionAttributes): Promise<Labels> {
    const key = objectKey(NAMESPACES, '', namespace);
    const found = (this.#cache.get(key) ?? (await this.#storage.get(key)))?.object;
    return parseSelector(found?.metadata.annotations?.[ANNOTATION] ?? this.#selectors[CLUSTER_DEFAULT] ?? '');
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
