import { READ, READ_WRITE, rule, urls, WRITE, type DefaultRole } from './rules.ts';

const AGGREGATE = 'rbac.authorization.k8s.io/aggregate-to-';
const TO_ADMIN = { [`${AGGREGATE}admin`]: 'true' };
const TO_EDIT = { [`${AGGREGATE}edit`]: 'true' };
const TO_VIEW = { [`${AGGREGATE}view`]: 'true' };

/** What people are given: everything, a namespace's administration, editing or viewing, and what everybody may ask. */
export const userRoles: readonly DefaultRole[] = [
  { name: 'cluster-admin', rules: [rule('*', '*', '*'), urls('*', '*')] },
  { name: 'admin', rules: [], aggregates: [`${AGGREGATE}admin`] },
  { name: 'edit', labels: TO_ADMIN, rules: [], aggregates: [`${AGGREGATE}edit`] },
  { name: 'view', labels: TO_EDIT, rules: [], aggregates: [`${AGGREGATE}view`] },
  {
    name: 'system:aggregate-to-admin',
    labels: TO_ADMIN,
    rules: [rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'), rule(READ_WRITE, 'rbac.authorization.k8s.io', 'roles rolebindings')],
  },
  {
    name: 'system:aggregate-to-edit',
    labels: TO_EDIT,
    rules: [
      rule(READ, 'core', 'pods/attach pods/proxy pods/exec pods/portforward secrets services/proxy'),
      rule('impersonate', 'core', 'serviceaccounts'),
      rule(WRITE, 'core', 'pods pods/attach pods/proxy pods/exec pods/portforward'),
      rule('create', 'core', 'pods/eviction'),
      rule(WRITE, 'core', 'replicationcontrollers replicationcontrollers/scale serviceaccounts services services/proxy persistentvolumeclaims configmaps secrets events'),
      rule('create', 'core', 'serviceaccounts/token'),
      rule(WRITE, 'apps', 'statefulsets statefulsets/scale daemonsets deployments deployments/scale deployments/rollback replicasets replicasets/scale'),
      rule(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
      rule(WRITE, 'batch', 'jobs cronjobs'),
      rule(WRITE, 'extensions', 'daemonsets deployments deployments/scale deployments/rollback ingresses replicasets replicasets/scale replicationcontrollers/scale networkpolicies'),
      rule(WRITE, 'policy', 'poddisruptionbudgets'),
      rule(WRITE, 'networking.k8s.io', 'networkpolicies ingresses'),
      rule(READ_WRITE, 'coordination.k8s.io', 'leases'),
      rule(WRITE, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
    ],
  },
  {
    name: 'system:aggregate-to-view',
    labels: TO_VIEW,
    rules: [
      rule(READ, 'core', 'pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status endpoints persistentvolumeclaims persistentvolumeclaims/status configmaps'),
      rule(READ, 'core', 'limitranges resourcequotas bindings events pods/status resourcequotas/status namespaces/status replicationcontrollers/status pods/log'),
      rule(READ, 'core', 'namespaces'),
      rule(READ, 'discovery.k8s.io', 'endpointslices'),
      rule(READ, 'apps', 'controllerrevisions statefulsets statefulsets/status statefulsets/scale daemonsets daemonsets/status deployments deployments/status deployments/scale replicasets replicasets/status replicasets/scale'),
      rule(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
      rule(READ, 'batch', 'jobs cronjobs cronjobs/status jobs/status'),
      rule(READ, 'extensions', 'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status replicasets replicasets/scale replicasets/status replicationcontrollers/scale networkpolicies'),
      rule(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
      rule(READ, 'networking.k8s.io', 'networkpolicies ingresses ingresses/status'),
      rule(READ, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
    ],
  },
  { name: 'system:discovery', rules: [urls('get', '/livez /readyz /healthz /version /version/ /openapi /openapi/* /api /api/* /apis /apis/*')] },
  { name: 'system:public-info-viewer', rules: [urls('get', '/livez /readyz /healthz /version /version/')] },
  {
    name: 'system:basic-user',
    rules: [rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'), rule('create', 'authentication.k8s.io', 'selfsubjectreviews')],
  },
  { name: 'system:monitoring', rules: [urls('get', '/metrics /metrics/slis /livez /readyz /healthz /livez/* /readyz/* /healthz/*'), urls('get', '/flagz'), urls('get', '/statusz')] },
  { name: 'system:service-account-issuer-discovery', rules: [urls('get', '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/')] },
];
