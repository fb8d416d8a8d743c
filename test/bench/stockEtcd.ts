import { EtcdClient } from '../../apiserver/storage/etcdClient.ts';
import { objectKey } from '../../apiserver/storage/types.ts';
import { systemClock } from '../../process/clock.ts';

/** Objects of one transaction; etcd takes 128 operations. */
const AT_ONCE = 100;
/** Transactions under way at a time. */
const LANES = 4;

/**
 * Puts ConfigMaps into etcd past the API, in a tenth of the time: copies, byte for byte, of what the API server stored of one, but for name and uid. Gives the
 * size of each in bytes.
 */
export async function stockEtcd(endpoints: readonly string[], namespace: string, model: string, count: number): Promise<number> {
  const client = new EtcdClient({ endpoints }, systemClock);
  const key = (name: string): string => objectKey({ group: '', resource: 'configmaps' }, namespace, name);
  try {
    const { kvs } = await client.range({ key: key(model) });
    const text = kvs[0]!.value.toString();
    const uid = /"uid":"([^"]+)"/.exec(text)![1]!;
    const copy = (index: number): Buffer => Buffer.from(text.replace(`"name":"${model}"`, `"name":"${nameOf(index)}"`).replace(uid, `${index.toString(16).padStart(8, '0')}${uid.slice(8)}`));
    let next = 0;
    await Promise.all(
      Array.from({ length: LANES }, async () => {
        for (let from = next; from < count; from = next) {
          next = Math.min(from + AT_ONCE, count);
          const success = Array.from({ length: next - from }, (_, at) => ({ kind: 'put' as const, key: key(nameOf(from + at)), value: copy(from + at) }));
          await client.txn({ compare: [], success, failure: [] });
        }
      }),
    );
    return copy(0).length;
  } finally {
    client.close();
  }
}

const nameOf = (index: number): string => `many-${index.toString().padStart(6, '0')}`;
