import type { V1Pod } from '../../api/generated/types.ts';
import { formatTime } from '../../process/clock.ts';
import type { Container, ContainerRuntime, ContainerStats } from '../runtime/types.ts';
import type { PodDirectory } from './containers.ts';

export interface ContainerFigures {
  readonly pod: V1Pod;
  readonly container: Container;
  readonly stats: ContainerStats;
}

/** The figures of every running container of the node; a container that ends meanwhile is left out. */
export async function collectStats(pods: PodDirectory, runtime: ContainerRuntime): Promise<readonly ContainerFigures[]> {
  const byUid = new Map(pods.pods().map((pod) => [pod.metadata.uid, pod]));
  const running = (await runtime.listPods()).flatMap(({ containers }) => containers.filter(({ state }) => state === 'Running'));
  const figures = await Promise.all(
    running.map(async (container) => {
      const pod = byUid.get(container.pod.uid);
      const stats = pod && (await runtime.stats(container.id).catch(() => undefined));
      return pod && stats ? [{ pod, container, stats }] : [];
    }),
  );
  return figures.flat();
}

const usage = ({ at, cpuNanoseconds, memoryUsageBytes, memoryWorkingSetBytes, memoryRssBytes }: ContainerStats) => ({
  cpu: { time: formatTime(at), usageCoreNanoSeconds: cpuNanoseconds },
  memory: { time: formatTime(at), usageBytes: memoryUsageBytes, workingSetBytes: memoryWorkingSetBytes, rssBytes: memoryRssBytes },
});

/** `/stats/summary` (`stats/v1alpha1.Summary`). */
export function statsSummary(nodeName: string, figures: readonly ContainerFigures[], now: number): unknown {
  const byPod = Map.groupBy(figures, ({ pod }) => pod.metadata.uid);
  const sum = (list: readonly ContainerFigures[], of: (stats: ContainerStats) => number): number => list.reduce((total, { stats }) => total + of(stats), 0);
  const total = (list: readonly ContainerFigures[]) =>
    usage({ containerId: '', at: now, cpuNanoseconds: sum(list, (each) => each.cpuNanoseconds), memoryUsageBytes: sum(list, (each) => each.memoryUsageBytes), memoryWorkingSetBytes: sum(list, (each) => each.memoryWorkingSetBytes), memoryRssBytes: sum(list, (each) => each.memoryRssBytes), processes: sum(list, (each) => each.processes) });
  return {
    node: { nodeName, startTime: formatTime(now), ...total(figures) },
    pods: [...byPod.values()].map((list) => ({
      podRef: { name: list[0]?.pod.metadata.name, namespace: list[0]?.pod.metadata.namespace, uid: list[0]?.pod.metadata.uid },
      startTime: list[0]?.pod.status?.startTime,
      containers: list.map(({ container, stats }) => ({ name: container.name, startTime: formatTime(container.startedAt), ...usage(stats) })),
      ...total(list),
    })),
  };
}

/** `/metrics/cadvisor`: the series that dashboards and metrics-server read. */
export function cadvisorMetrics(figures: readonly ContainerFigures[]): string {
  const series = (name: string, type: string, of: (stats: ContainerStats) => number): string => {
    const lines = figures.map(({ pod, container, stats }) => `${name}{container="${container.name}",id="/${container.id}",image="${container.image}",name="${container.id}",namespace="${pod.metadata.namespace}",pod="${pod.metadata.name}"} ${of(stats)} ${stats.at}\n`);
    return `# TYPE ${name} ${type}\n${lines.join('')}`;
  };
  return [
    series('container_cpu_usage_seconds_total', 'counter', (stats) => stats.cpuNanoseconds / 1e9),
    series('container_memory_usage_bytes', 'gauge', (stats) => stats.memoryUsageBytes),
    series('container_memory_working_set_bytes', 'gauge', (stats) => stats.memoryWorkingSetBytes),
    series('container_memory_rss', 'gauge', (stats) => stats.memoryRssBytes),
  ].join('');
}
