import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { V1ComponentStatus } from '../../api/generated/types.ts';
import { componentStatus as kind } from '../../api/kinds/core/componentStatus.ts';
import { componentStatuses } from './componentStatuses.ts';

describe('ComponentStatuses', () => {
  let server: http.Server;
  let port: number;

  beforeAll(async () => {
    server = http.createServer((_, response) => response.writeHead(500).end('leaderElection: not so good'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });

  afterAll(() => server.close());

  const rowsOf = async (etcd?: string): Promise<unknown[]> => {
    const statuses = await componentStatuses({ controllerManager: 1, scheduler: port }, async () => etcd).list();
    return statuses.map((each) => [each.metadata.name, ...kind.columns!.map(({ value }) => value(each as V1ComponentStatus, 0))]);
  };

  test('say how each component is', async () => {
    expect(await rowsOf()).toEqual([
      ['controller-manager', 'Unhealthy', 'Get "http://127.0.0.1:1/healthz": dial tcp 127.0.0.1:1: connect: connection refused', ''],
      ['scheduler', 'Unhealthy', 'HTTP probe failed with statuscode: 500', ''],
      ['etcd-0', 'Healthy', 'ok', ''],
    ]);
    expect((await rowsOf('context deadline exceeded')).at(-1)).toEqual(['etcd-0', 'Unhealthy', '', 'context deadline exceeded']);
  });

  test('a component that is well says so itself; others are none', async () => {
    const well = http.createServer((_, response) => response.end('ok'));
    await new Promise<void>((resolve) => well.listen(0, '127.0.0.1', resolve));
    const { port: wellPort } = well.address() as AddressInfo;
    const resource = componentStatuses({ controllerManager: wellPort, scheduler: port }, async () => undefined);
    expect(await resource.get('controller-manager')).toEqual({ apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name: 'controller-manager' }, conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }] });
    expect([await resource.get('toString'), resource.notFound('x')]).toEqual([undefined, 'Component not found: x']);
    well.close();
  });
});
