const transform = { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }] };
const base = { testEnvironment: 'node', transform, rootDir: import.meta.dirname, modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.cache/', '<rootDir>/.gate/'] };

/** `unit` stands beside the code and needs nothing; `rig` is everything under test/, on real etcd, Docker and kernel. */
export default {
  // A bound against hanging, not a measure of speed: the machine may be busy.
  testTimeout: 240_000,
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/{api,client,apiserver,scheduler,controllers,kubelet,kube-proxy,node-network,dns,cloud,cli,host,process}/**/*.test.ts'] },
    { ...base, displayName: 'rig', testMatch: ['<rootDir>/test/**/*.test.ts'] },
  ],
};
