import type { V1Container, V1Probe } from '../../api/generated/types.ts';
import type { Figure } from './figures.ts';
import { LoadClient } from './load.ts';
import { LoneServers } from './loneServers.ts';
import { type Measured, measuredInTurns, measuredRows } from './measured.ts';

const COUNT = 600;
const WARM = 300;
const SECONDS = 6;
const NAMESPACE = 'bench-apply';
const PATH = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';

/**
 * Server-side apply of Deployments of the size that people have, over 16 connections, beside other writes of the same objects: a create by apply beside a plain create,
 * an apply that changes nothing beside a put that changes nothing, an apply of a new image beside a put and patches of it.
 */
export async function applyFigures(): Promise<Figure[]> {
  const lone = await LoneServers.open();
  try {
    process.stderr.write('measuring: apply\n');
    const server = await lone.start();
    await server.admin('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    const client = new LoadClient(server.config);
    const turns = <T extends string>(count: number, sorts: Readonly<Record<T, (index: number) => Promise<unknown>>>): Promise<Readonly<Record<T, Measured>>> => measuredInTurns([server.pid], SECONDS, count, sorts);
    const create = (name: string) => (index: number) => client.call('POST', PATH, deployment(`${name}-${index}`, 'v1'));
    const put = (name: string, image: string) => (index: number) => client.call('PUT', `${PATH}/${name}-${index}`, deployment(`${name}-${index}`, image));
    const apply = (name: string, image: string) => (index: number) => client.call('PATCH', `${PATH}/${name}-${index}?fieldManager=bench&force=true`, deployment(`${name}-${index}`, image), APPLY);
    const patch = (name: string, image: string, type: string) => (index: number) => client.call('PATCH', `${PATH}/${name}-${index}`, newImage(image, type), type);
    // A server that has just started is slower than it will be.
    const { first } = await turns(WARM, { first: create('warm') });
    await turns(first.done, { put: put('warm', 'v2'), merge: patch('warm', 'v3', MERGE), strategic: patch('warm', 'v4', STRATEGIC), apply: apply('warm', 'v5'), create: apply('warm-applied', 'v1') });

    const made = await turns(COUNT, { create: create('plain'), apply: apply('applied', 'v1') });
    const count = Math.min(made.create.done, made.apply.done);
    const same = await turns(count, { put: put('plain', 'v1'), apply: apply('applied', 'v1') });
    const changed = await turns(count, { put: put('plain', 'v2'), apply: apply('applied', 'v2'), merge: patch('plain', 'v3', MERGE), strategic: patch('plain', 'v4', STRATEGIC) });
    client.close();
    return [
      ...measuredRows('Deployment create', made.create),
      ...measuredRows('Deployment apply that creates (reference: create)', made.apply, made.create),
      ...measuredRows('Deployment put, unchanged', same.put),
      ...measuredRows('Deployment apply, unchanged (reference: put)', same.apply, same.put),
      ...measuredRows('Deployment put of another image', changed.put),
      ...measuredRows('Deployment apply of another image (reference: put)', changed.apply, changed.put),
      ...measuredRows('Deployment merge patch of all containers (reference: put)', changed.merge, changed.put),
      ...measuredRows('Deployment strategic merge patch of the image (reference: put)', changed.strategic, changed.put),
      { name: 'length of the Deployment as it is sent', value: deployment('plain-0', 'v1').length, unit: 'B' },
    ];
  } finally {
    await lone.close();
  }
}

/** What a merge patch must send of it is all containers. */
function newImage(image: string, type: string): string {
  const all = containers(image);
  return JSON.stringify({ spec: { template: { spec: { containers: type === STRATEGIC ? [{ name: all[0]!.name, image: all[0]!.image }] : all } } } });
}

/** As a chart renders it: two containers with settings, probes, resources and mounts. */
function deployment(name: string, image: string): string {
  const labels = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': 'bench', 'app.kubernetes.io/component': 'server', 'app.kubernetes.io/part-of': 'shop' };
  const template = {
    metadata: { labels, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080', 'checksum/config': 'f'.repeat(64) } },
    spec: {
      serviceAccountName: 'server',
      terminationGracePeriodSeconds: 60,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 },
      containers: containers(image),
      volumes: [
        { name: 'config', configMap: { name: `${name}-config` } },
        { name: 'secrets', secret: { secretName: `${name}-secrets` } },
        { name: 'scratch', emptyDir: { sizeLimit: '1Gi' } },
      ],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: labels } }],
    },
  };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels, annotations: { 'meta.helm.sh/release-name': 'bench', 'meta.helm.sh/release-namespace': NAMESPACE } },
    spec: { replicas: 3, revisionHistoryLimit: 5, selector: { matchLabels: labels }, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }, template },
  });
}

function containers(image: string): readonly V1Container[] {
  const probe = (path: string, periodSeconds: number): V1Probe => ({ httpGet: { path, port: 'http', scheme: 'HTTP' }, periodSeconds, timeoutSeconds: 2, failureThreshold: 3 });
  const settings = ['DATABASE_HOST', 'DATABASE_PORT', 'DATABASE_NAME', 'CACHE_HOST', 'QUEUE_URL', 'LOG_LEVEL', 'REGION', 'FEATURES'];
  return [
    {
      name: 'server',
      image: `registry.example/shop/server:${image}`,
      imagePullPolicy: 'IfNotPresent',
      args: ['--config=/etc/server/config.yaml', '--listen=:8080'],
      ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }, { name: 'metrics', containerPort: 9090, protocol: 'TCP' }],
      env: [...settings.map((each) => ({ name: each, value: `${each.toLowerCase()}.example` })), { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }, { name: 'DATABASE_PASSWORD', valueFrom: { secretKeyRef: { name: 'database', key: 'password' } } }],
      resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
      livenessProbe: probe('/live', 10),
      readinessProbe: probe('/ready', 5),
      startupProbe: probe('/ready', 2),
      volumeMounts: [{ name: 'config', mountPath: '/etc/server', readOnly: true }, { name: 'secrets', mountPath: '/etc/secrets', readOnly: true }, { name: 'scratch', mountPath: '/tmp' }],
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    },
    {
      name: 'proxy',
      image: 'registry.example/proxy:1.2.3',
      args: ['--upstream=127.0.0.1:8080'],
      ports: [{ name: 'proxy', containerPort: 8443, protocol: 'TCP' }],
      resources: { requests: { cpu: '20m', memory: '32Mi' }, limits: { memory: '64Mi' } },
      readinessProbe: probe('/healthz', 5),
      volumeMounts: [{ name: 'secrets', mountPath: '/etc/secrets', readOnly: true }],
    },
  ];
}
