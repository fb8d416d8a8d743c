import { ApiError } from '../../api/apiError.ts';
import { listOptions } from '../request/options.ts';
import type { StoredObject } from '../storage/types.ts';
import type { ApiResponse } from '../types.ts';
import type { Call, Engine } from './call.ts';
import { removeObject, requestOptions } from './delete.ts';
import { encodePage, findPage } from './list.ts';

/** Kubernetes' `--delete-collection-workers` is 1; etcd takes several transactions at a time without complaint. */
const WORKERS = 8;

/** Answers a DELETE of a collection: each selected object is deleted as by itself; one that has gone meanwhile is no error. */
export async function deleteCollection(engine: Engine, call: Call): Promise<ApiResponse> {
  const options = requestOptions(engine, call);
  const page = await findPage(engine, call, listOptions(call.request.query, 'deletecollection'));
  const waiting = [...page.items].reverse();
  const deleteWaiting = async (): Promise<void> => {
    try {
      for (let item = waiting.pop(); item; item = waiting.pop()) await removeOne(engine, call, item, options);
    } catch (error) {
      // The first refusal is the answer; what is under way ends, and nothing more is begun.
      waiting.length = 0;
      throw error;
    }
  };
  const [refused] = (await Promise.allSettled(Array.from({ length: Math.min(WORKERS, waiting.length) }, deleteWaiting))).filter((each) => each.status === 'rejected');
  if (refused) throw refused.reason;
  return encodePage(engine, call, page);
}

async function removeOne(engine: Engine, call: Call, item: StoredObject, options: ReturnType<typeof requestOptions>): Promise<void> {
  const { metadata } = item.object;
  const inNamespace: Call = { ...call, info: { ...call.info, namespace: metadata.namespace ?? '' } };
  try {
    await removeObject(engine, inNamespace, metadata.name, options);
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
  }
}
