import type { Plugin } from 'esbuild';

/**
 * Parts of dependencies that no code of ours reaches, by who would load them: SSH to a Docker engine and the sessions of image builds,
 * decoding of bodies in other alphabets, the table of file types. Left out, the agent is 6 MiB smaller (docs/benchmarks.md).
 * Whoever does reach one fails at once, as it is empty.
 */
const LEFT_OUT: Readonly<Record<string, RegExp>> = {
  ssh2: /\/docker-modem\//,
  '@grpc/grpc-js': /\/dockerode\//,
  '@grpc/proto-loader': /\/dockerode\//,
  'iconv-lite': /\/(?:body-parser|raw-body)\//,
  'mime-db': /\/mime-types\//,
};

/** Puts an empty module in the place of each of them. */
export const leaveOut: Plugin = {
  name: 'leave-out',
  setup(build) {
    build.onResolve({ filter: /^(?:ssh2|@grpc\/grpc-js|@grpc\/proto-loader|iconv-lite|mime-db)$/ }, ({ path, importer }) => (LEFT_OUT[path]?.test(importer) ? { path, namespace: 'left-out' } : undefined));
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};
