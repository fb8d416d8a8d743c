import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Calls a hook's URL; throws where nobody answers in time or the answer is a refusal. Certificates are not verified, as in Kubernetes. */
export function callHook(url: string, headers: Readonly<Record<string, string>>, timeoutMilliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? httpsRequest : httpRequest;
    const call = request(url, { method: 'GET', headers: { 'User-Agent': 'kube-lifecycle/1.36', ...headers }, timeout: timeoutMilliseconds, rejectUnauthorized: false }, (response) => {
      response.resume();
      response.once('end', () => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 400) resolve();
        else reject(new Error(`HTTP lifecycle hook failed with statuscode: ${status}`));
      });
      response.once('error', reject);
    });
    call.once('timeout', () => call.destroy(new Error('HTTP lifecycle hook timed out')));
    call.once('error', reject);
    call.end();
  });
}
