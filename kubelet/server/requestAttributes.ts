/** What a request to the kubelet is checked as: a verb on a subresource of this node. */
export interface NodeAttributes {
  readonly verb: string;
  /** Any one of them suffices, the narrower ones first. */
  readonly subresources: readonly string[];
}

const VERBS: Readonly<Record<string, string>> = { POST: 'create', GET: 'get', HEAD: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

/** `nodeAuthorizerAttributesGetter`, with the finer subresources of KubeletFineGrainedAuthz before `proxy`. */
export function nodeAttributes(method: string, path: string): NodeAttributes {
  const verb = VERBS[method] ?? 'get';
  const below = (prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);
  if (below('/stats')) return { verb, subresources: ['stats'] };
  if (below('/metrics')) return { verb, subresources: ['metrics'] };
  if (below('/logs')) return { verb, subresources: ['log'] };
  if (below('/pods') || below('/runningpods')) return { verb, subresources: ['pods', 'proxy'] };
  if (below('/healthz')) return { verb, subresources: ['healthz', 'proxy'] };
  if (below('/configz')) return { verb, subresources: ['configz', 'proxy'] };
  return { verb, subresources: ['proxy'] };
}
