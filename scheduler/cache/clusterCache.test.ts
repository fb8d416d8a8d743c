import { makeCluster, makeInfo, makeNode } from '../testObjects.ts';

test('an assumed pod counts on its node until it is shown, forgotten or expired', () => {
  const cluster = makeCluster([makeNode('n')]);
  const [kept, failed, lost] = ['kept', 'failed', 'lost'].map((name) => makeInfo(name, { requests: { cpu: '1' } }));
  for (const info of [kept!, failed!, lost!]) cluster.assume(info, 'n');
  expect(cluster.node('n')?.requested.milliCPU).toBe(3000);
  cluster.forget(failed!.uid);
  cluster.finishBinding(kept!.uid, 0);
  cluster.finishBinding(lost!.uid, 0);
  cluster.setPod(kept!, 'n');
  expect(cluster.isAssumed(kept!.uid)).toBe(false);
  expect(cluster.expire(15 * 60_000 - 1)).toEqual([]);
  expect(cluster.expire(15 * 60_000)).toEqual(['default/lost']);
  expect(cluster.node('n')?.requested.milliCPU).toBe(1000);
  cluster.forget(kept!.uid);
  expect(cluster.podCount).toBe(1);
});

test('a pod that turns up on another node than was assumed counts there only', () => {
  const cluster = makeCluster([makeNode('a'), makeNode('b')]);
  const info = makeInfo('p', { requests: { memory: '1Gi' }, hostPort: 80 });
  cluster.assume(info, 'a');
  cluster.setPod(info, 'b');
  expect([cluster.node('a')?.requested.memory, cluster.node('b')?.requested.memory]).toEqual([0, 2 ** 30]);
  expect(cluster.node('a')?.ports.conflicts({ ip: '0.0.0.0', protocol: 'TCP', port: 80 })).toBe(false);
});

test('a node that comes after its pods has them, and one that goes is no candidate', () => {
  const cluster = makeCluster([], { late: [makeInfo('p', { requests: { cpu: '1' } })] });
  expect(cluster.node('late')).toBeUndefined();
  cluster.setNode(makeNode('late'));
  expect(cluster.node('late')?.requested.milliCPU).toBe(1000);
  cluster.removeNode('late');
  expect(cluster.nodes).toEqual([]);
});

test('nodes of different zones take turns', () => {
  const zone = (name: string, at: string) => makeNode(name, { labels: { 'topology.kubernetes.io/zone': at } });
  const cluster = makeCluster([zone('a1', 'a'), zone('a2', 'a'), zone('a3', 'a'), zone('b1', 'b')]);
  expect(cluster.nodes.map(({ name }) => name)).toEqual(['a1', 'b1', 'a2', 'a3']);
});

test('a count is kept up to date, and a question about namespaces is asked anew when they change', () => {
  const cluster = makeCluster([makeNode('n')]);
  const isWeb = ({ labels }: { readonly labels: Readonly<Record<string, string>> }): boolean => labels['app'] === 'web';
  expect(cluster.countPods('web', isWeb).get('n')).toBeUndefined();
  const info = makeInfo('p', { labels: { app: 'web' } });
  cluster.assume(info, 'n');
  expect(cluster.countPods('web', isWeb).get('n')).toBe(1);
  cluster.removePod(info.uid);
  expect(cluster.countPods('web', isWeb).size).toBe(0);
  cluster.setPod(info, 'n');
  cluster.namespaceChanged();
  expect(cluster.countPods('web', isWeb).get('n')).toBe(1);
});
