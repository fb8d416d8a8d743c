import type { ClientConfig } from '../../client/clientConfig.ts';
import type { TestApi } from '../rig/apiserver.ts';

/** How the client reaches the API server of a test, as its administrator. */
export function clientConfigOf(api: TestApi): ClientConfig {
  const { ca, cert, key } = api.agent.options;
  const text = (material: unknown): string => {
    if (typeof material !== 'string') throw new Error('the test API hands out its certificates as text');
    return material;
  };
  return { servers: [`https://127.0.0.1:${api.serving.port}`], ca: text(ca), certificate: text(cert), key: text(key) };
}
