import { parseFlags } from '../../process/flags.ts';
import { kubelet } from './kubelet.ts';

const read = (...words: string[]): Readonly<Record<string, unknown>> => parseFlags(kubelet.flags, words).values;

test("Kubernetes' own defaults", () => {
  expect(read()).toMatchObject({
    'register-node': true, 'rotate-certificates': true, 'register-with-taints': [], 'provider-id': '', 'bootstrap-kubeconfig': '',
    'eviction-hard': 'memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%,imagefs.inodesFree<5%', 'eviction-minimum-reclaim': '',
  });
});

test('taints and thresholds are read when they are given, and refused there', () => {
  expect(read('--register-with-taints=a=b:NoSchedule', '--eviction-hard=pid.available<5%')).toMatchObject({ 'register-with-taints': [{ key: 'a', value: 'b', effect: 'NoSchedule' }], 'eviction-hard': 'pid.available<5%' });
  expect(() => read('--register-with-taints=a=b')).toThrow('invalid argument "a=b" for "--register-with-taints" flag: invalid taint spec: a=b');
  expect(() => read('--eviction-hard=memory.available=100Mi')).toThrow('invalid argument "memory.available=100Mi" for "--eviction-hard" flag: malformed pair, expect string<string: memory.available=100Mi');
  expect(() => read('--eviction-hard=swap.available<1Mi')).toThrow('invalid argument "swap.available<1Mi" for "--eviction-hard" flag: unsupported eviction signal swap.available');
  expect(() => read('--eviction-minimum-reclaim=nodefs.available=-1Mi')).toThrow('negative eviction minimum reclaim specified for nodefs.available');
});
