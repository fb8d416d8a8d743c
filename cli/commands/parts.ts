/** Which components each service of a machine consists of. */
export const PARTS: Readonly<Record<string, readonly string[]>> = {
  server: ['apiserver', 'scheduler', 'controller-manager'],
  agent: ['kubelet', 'kube-proxy', 'dns'],
};

/** The service that a component runs in; undefined for a name that is neither. */
export function serviceOf(component: string, services: readonly string[]): string | undefined {
  return services.find((service) => service === component || PARTS[service]?.includes(component));
}
