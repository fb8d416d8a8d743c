import { notFoundError, serviceUnavailable, tooManyRequests } from '../api/apiError.ts';
import { ConnectionError } from './connectionError.ts';
import { retryDelay } from './retryDelay.ts';

const lost = new ConnectionError('reset');
const refused = new ConnectionError('refused', { neverSent: true });

test.each([
  ['a lost read', lost, 'GET', 1, 1, 50],
  ['a lost read, other servers left', lost, 'GET', 1, 3, 0],
  ['a lost read, too often', lost, 'GET', 4, 1, undefined],
  ['a lost write', lost, 'POST', 1, 3, undefined],
  ['a write that was never sent, other servers left', refused, 'POST', 1, 3, 0],
  ['a write that was never sent', refused, 'POST', 1, 1, undefined],
  ['a write that was turned away', tooManyRequests('busy', 2), 'PUT', 1, 1, 2000],
  ['turned away for long', tooManyRequests('busy', 60), 'PUT', 1, 1, 5000],
  ['turned away too often', tooManyRequests('busy', 1), 'PUT', 6, 1, undefined],
  ['a read without etcd', serviceUnavailable('away'), 'GET', 1, 1, 1000],
  ['a write without etcd', serviceUnavailable('away'), 'PATCH', 1, 1, undefined],
  ['a refusal', notFoundError({ group: '', resource: 'pods' }, 'x'), 'GET', 1, 1, undefined],
])('%s', (_, error, method, attempt, servers, expected) => {
  expect(retryDelay(error, { method, attempt, servers })).toBe(expected);
});
