import type { V1Service, V1ServicePort, V1ServiceSpec } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { carryAllocations } from '../../api/kinds/core/service/serviceDefaults.ts';
import { allocate, DEFAULT_NODE_PORTS, type Supply } from './allocate.ts';
import { parseRange } from './ipv4Range.ts';

const TAKEN = 30_999;
const supply: Supply = { ranges: [parseRange('10.96.0.0/24')], nodePorts: DEFAULT_NODE_PORTS, isAddressTaken: () => false, isPortTaken: (port) => port === TAKEN, random: () => 0 };
const port = (number: number, nodePort?: number, more: Partial<V1ServicePort> = {}): V1ServicePort => ({ name: `p${number}`, port: number, protocol: 'TCP', ...(nodePort ? { nodePort } : {}), ...more });
const udp = (number: number, nodePort?: number): V1ServicePort => port(number, nodePort, { name: `u${number}`, protocol: 'UDP' });
const FIRST = 30_086;

/** Node ports after the write, with the health check's behind them; or the refusal. */
function portsOf(spec: V1ServiceSpec, before?: V1ServiceSpec): unknown {
  const address = { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'] };
  const service = { metadata: {}, spec: structuredClone({ type: 'NodePort', ...spec }) } as IncomingObject<V1Service>;
  const previous = before && ({ metadata: {}, spec: { type: 'NodePort', ...address, ...before } } as V1Service);
  if (previous) carryAllocations(service, previous);
  else Object.assign(service.spec!, address);
  try {
    allocate('web', service.spec!, previous?.spec, supply);
  } catch (error) {
    return (error as Error).message.replace('Service "web" is invalid: ', '');
  }
  const { ports = [], healthCheckNodePort } = service.spec!;
  return [...ports.map(({ nodePort }) => nodePort), ...(healthCheckNodePort ? [healthCheckNodePort] : [])];
}

const allocated = (index: number, number: number): string => `spec.ports[${index}].nodePort: Invalid value: ${number}: provided port is already allocated`;

test.each<[string, V1ServiceSpec, unknown]>([
  ['one', { ports: [port(80)] }, [FIRST]],
  ['two', { ports: [port(80), port(81)] }, [FIRST, FIRST + 1]],
  ['one number for both protocols', { ports: [port(53), udp(53)] }, [FIRST, FIRST]],
  ['the number named later', { ports: [port(53), udp(53, 30_053)] }, [30_053, 30_053]],
  ['different numbers for the protocols', { ports: [port(53, 30_053), udp(53, 30_054)] }, [30_053, 30_054]],
  ['a number for two ports', { ports: [port(80, 30_080), port(81, 30_080)] }, allocated(1, 30_080)],
  ['a number for two ports of different protocols', { ports: [port(80, 30_080), udp(81, 30_080)] }, allocated(1, 30_080)],
  ['a number of another', { ports: [port(80), port(81, TAKEN)] }, allocated(1, TAKEN)],
  ['none for a balancer that wants none', { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [port(80), port(81, 30_081)] }, [undefined, 30_081]],
  ['a health check', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [port(80)] }, [FIRST, FIRST + 1]],
  ['a health check on the same', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30_080, ports: [port(80, 30_080)] }, 'Internal error occurred: failed to allocate requested HealthCheck NodePort 30080: provided port is already allocated'],
])('a new Service asks for %s', (_, spec, outcome) => {
  expect(portsOf(spec)).toEqual(outcome);
});

const WEB: V1ServiceSpec = { ports: [port(80, 30_080), port(81, 30_081)] };
const LOCAL: V1ServiceSpec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30_500, ports: [port(80, 30_080)] };

test.each<[string, V1ServiceSpec, V1ServiceSpec, unknown]>([
  ['keeps the numbers, by name', { ports: [port(81), port(80)] }, WEB, [30_081, 30_080]],
  ['keeps the number of a port that is another now', { ports: [port(8080, undefined, { name: 'p80' })] }, WEB, [30_080]],
  ['gives a new name a new number', { ports: [port(80, undefined, { name: 'other' })] }, WEB, [FIRST]],
  ['leaves a number to who names it', { ports: [port(80), port(90, 30_080)] }, WEB, [FIRST, 30_080]],
  ['exchanges numbers', { ports: [port(80, 30_081), port(81, 30_080)] }, WEB, [30_081, 30_080]],
  ['adds a protocol', { ports: [...WEB.ports!, udp(80)] }, WEB, [30_080, 30_081, FIRST]],
  ['adds a protocol on the same number', { ports: [...WEB.ports!, udp(80, 30_080)] }, WEB, [30_080, 30_081, 30_080]],
  ['names a number twice', { ports: [port(80, 30_080), port(81, 30_080)] }, WEB, 'duplicate nodePort: {TCP 30080}'],
  ['names a number of another', { ports: [port(80, TAKEN)] }, WEB, allocated(0, TAKEN)],
  ['has no ports any more', { type: 'ClusterIP', ports: WEB.ports! }, WEB, [undefined, undefined]],
  ['has no ports any more, but names one', { type: 'ClusterIP', ports: [port(80, 30_085)] }, WEB, [30_085]],
  ['needs a health check', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [port(80)] }, WEB, [30_080, FIRST]],
  ['keeps its health check', { ...LOCAL, healthCheckNodePort: 0 }, LOCAL, [30_080, 30_500]],
  ['changes its health check, which is refused later', { ...LOCAL, healthCheckNodePort: TAKEN }, LOCAL, [30_080, TAKEN]],
  ['needs its health check no more', { ...LOCAL, externalTrafficPolicy: 'Cluster' }, LOCAL, [30_080]],
])('an update %s', (_, spec, before, outcome) => {
  expect(portsOf(spec, before)).toEqual(outcome);
});

test('addresses', () => {
  const addressOf = (clusterIP: string, before?: V1ServiceSpec): string => {
    const spec: V1ServiceSpec = { type: 'ClusterIP', clusterIP, clusterIPs: [clusterIP] };
    try {
      allocate('web', spec, before, supply);
      return spec.clusterIP ?? '';
    } catch (error) {
      return (error as Error).message.replace(/.*failed to allocate IP /, '');
    }
  };
  expect(addressOf('10.96.0.9')).toBe('10.96.0.9');
  for (const edge of ['10.96.0.0', '10.96.0.255']) expect(addressOf(edge)).toBe(`${edge}: the provided IP (${edge}) is not in the valid range. The range of valid IPs is 10.96.0.0/24`);
  expect(addressOf('10.97.0.1')).toBe('10.97.0.1: the provided network does not match the current range');
  expect(addressOf('10.97.0.1', { type: 'ExternalName' })).toBe('10.97.0.1: the provided network does not match the current range');
  // What had an address may not have another: validation says so.
  expect(addressOf('10.97.0.1', { type: 'ClusterIP', clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'] })).toBe('10.97.0.1');
});
