import { ApiError } from '../../api/apiError.ts';
import { builtinDefinitions } from '../../api/kinds/index.ts';
import { parseSelection } from './selection.ts';

function answer(kind: string, selector: string): string {
  try {
    parseSelection(builtinDefinitions.find((each) => each.kind === kind)!, '', selector);
    return '';
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}

const onlyNames = (field: string): string => `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;

test.each<[string, string, string]>([
  ['Pod', 'metadata.namespace=a,spec.host=b,status.podIPs=c,spec.hostNetwork=true', ''],
  ['Pod', 'spec.hostname=a', 'field label not supported: spec.hostname'],
  ['Node', 'metadata.name=a,spec.unschedulable=true', ''],
  ['Node', 'metadata.namespace=a', 'field label not supported: metadata.namespace'],
  ['Namespace', 'status.phase=Active', ''],
  ['Namespace', 'name=a', 'field label not supported: name'],
  ['PersistentVolume', 'metadata.namespace=a', ''],
  ['PersistentVolume', 'name=a', onlyNames('name')],
  ['PersistentVolumeClaim', 'name=a', onlyNames('name')],
  ['ConfigMap', 'data=a', onlyNames('data')],
  ['ResourceSlice', 'spec.pool=a', 'field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: spec.pool'],
  ['Job', 'status.successful=1', ''],
  ['Job', 'status.failed=1', 'field label "status.failed" not supported for Job'],
])('%s by %s', (kind, selector, message) => {
  expect(answer(kind, selector)).toBe(message);
});
