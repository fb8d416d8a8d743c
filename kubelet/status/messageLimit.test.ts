import type { V1ContainerStatus } from '../../api/generated/types.ts';
import { limitMessages } from './messageLimit.ts';

const ended = (name: string, message: string): V1ContainerStatus => ({ name, image: '', imageID: '', ready: false, restartCount: 1, state: { terminated: { exitCode: 1, message } }, lastState: { terminated: { exitCode: 2, message } } });
const lengths = (list: readonly V1ContainerStatus[]): readonly (number | undefined)[] => list.flatMap(({ state, lastState }) => [state?.terminated?.message?.length, lastState?.terminated?.message?.length]);

test('up to three containers keep all that each may say', () => {
  const app = [ended('a', 'x'.repeat(4096)), ended('b', 'x'.repeat(4096)), ended('c', 'x'.repeat(4096))];
  expect(limitMessages({ init: [], app, ephemeral: [] }).app).toEqual(app);
});

test('more of them share twelve kibibytes', () => {
  const { init, app, ephemeral } = limitMessages({ init: [ended('i', 'x'.repeat(4096))], app: [ended('a', 'x'.repeat(4096)), ended('b', 'short')], ephemeral: [ended('e', 'x'.repeat(4000))] });
  expect([lengths(init), lengths(app), lengths(ephemeral)]).toEqual([[3072, 3072], [3072, 3072, 5, 5], [3072, 3072]]);
  const running: V1ContainerStatus = { name: 'r', image: '', imageID: '', ready: true, restartCount: 0, state: { running: {} }, lastState: {} };
  expect(limitMessages({ init: [], app: [running], ephemeral: [] }).app).toEqual([running]);
});
