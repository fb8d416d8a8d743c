import { EndpointPool } from './endpointPool.ts';
import { memberUrls, type EtcdMemberInfo } from './memberUrls.ts';

const fails = (pool: EndpointPool, times: number): string[] => Array.from({ length: times }, () => {
  pool.failed(pool.present);
  return pool.present;
});

describe('which member is asked', () => {
  test('one after the other, round and round; late news of one that was left changes nothing', () => {
    const pool = new EndpointPool(['a', 'b', 'c'], 1);
    expect(fails(pool, 4)).toEqual(['c', 'a', 'b', 'c']);
    pool.failed('a');
    expect(pool.present).toBe('c');
  });

  test('members before seeds, seeds when no member answers', () => {
    const pool = new EndpointPool(['seed']);
    pool.learn(['a', 'b']);
    expect(pool.present).toBe('seed');
    expect(fails(pool, 6)).toEqual(['a', 'b', 'seed', 'a', 'b', 'seed']);
    pool.answered();
    expect(fails(pool, 2)).toEqual(['a', 'b']);
  });

  test('a removed member is left, a new one is used', () => {
    const pool = new EndpointPool(['a']);
    pool.learn(['a', 'b']);
    pool.failed('a');
    pool.learn(['a', 'c']);
    expect(pool.present).toBe('a');
    pool.answered();
    expect(fails(pool, 2)).toEqual(['c', 'a']);
  });
});

describe('where members are reached', () => {
  const member = (...clientUrls: string[]): EtcdMemberInfo => ({ clientUrls, isLearner: false });

  it.each<[string, string[], EtcdMemberInfo[], string[]]>([
    ['addresses', ['https://10.0.0.1:2379'], [member('https://10.0.0.1:2379'), member('https://10.0.0.2:2379/')], ['https://10.0.0.1:2379', 'https://10.0.0.2:2379']],
    ['no learner, and none that has not started', ['https://10.0.0.1:2379'], [member('https://10.0.0.1:2379'), { clientUrls: ['https://10.0.0.2:2379'], isLearner: true }, member()], ['https://10.0.0.1:2379']],
    ["not another machine's loopback", ['https://127.0.0.1:2479'], [member('https://127.0.0.1:2379', 'https://10.0.0.1:2379'), member('https://127.0.0.1:2379')], ['https://10.0.0.1:2379']],
    ['an address before loopback, which each member has', ['https://127.0.0.1:2379'], [member('https://127.0.0.1:2379', 'https://10.0.0.1:2379'), member('https://127.0.0.1:2379', 'https://10.0.0.2:2379')], ['https://10.0.0.1:2379', 'https://10.0.0.2:2379']],
    ['loopback where all are', ['http://127.0.0.1:1'], [member('http://127.0.0.1:1'), member('http://127.0.0.1:2')], ['http://127.0.0.1:1', 'http://127.0.0.1:2']],
    ['none without TLS where TLS is spoken', ['https://10.0.0.1:2379'], [member('http://10.0.0.1:2379')], []],
  ])('%s', (_what, seeds, members, urls) => {
    expect(memberUrls(seeds, members)).toEqual(urls);
  });
});
