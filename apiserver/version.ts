import type { VersionInfo } from './discovery/handlers.ts';

/** The Kubernetes release whose API is served. */
export const KUBERNETES_VERSION = 'v1.36.0';

/** What `/version` says; clients compare `major` and `minor` with their own. */
export function versionInfo(gantryVersion: string): VersionInfo {
  return {
    major: '1',
    minor: '36',
    gitVersion: `${KUBERNETES_VERSION}+gantry${gantryVersion}`,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: `node${process.versions.node}`,
    compiler: 'v8',
    platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
}
