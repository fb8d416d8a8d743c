import { defaultPullPolicy, parseImageName } from './imageName.ts';

describe('parseImageName', () => {
  it.each([
    ['nginx', 'nginx', 'latest', ''],
    ['nginx:1.27', 'nginx', '1.27', ''],
    ['localhost:5000/a/b', 'localhost:5000/a/b', 'latest', ''],
    ['localhost:5000/a/b:v1', 'localhost:5000/a/b', 'v1', ''],
    ['a@sha256:00', 'a', '', 'sha256:00'],
    ['a:v1@sha256:00', 'a', 'v1', 'sha256:00'],
  ])('%s', (image, repository, tag, digest) => {
    expect(parseImageName(image)).toEqual({ repository, tag, digest });
  });
  it('pulls always only what may change', () => {
    expect(defaultPullPolicy('a')).toBe('Always');
    expect(defaultPullPolicy('a:latest')).toBe('Always');
    expect(defaultPullPolicy('a:1')).toBe('IfNotPresent');
    expect(defaultPullPolicy('a@sha256:00')).toBe('IfNotPresent');
    expect(defaultPullPolicy(undefined)).toBe('IfNotPresent');
  });
});
