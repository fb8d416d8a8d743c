import { isClusterChain } from '../../kube-proxy/chains.ts';

/** Whose rules are meant: those of kube-proxy and the kubelet, or also those that a Docker engine of ours has left. */
export interface RemovalScope {
  readonly docker: boolean;
}

const DOCKER_CHAIN = /^DOCKER(-|$)/;
const DOCKER_LINK = /(^| )(!? ?-[io] docker0)( |$)/;

/**
 * The `iptables-restore --noflush` input which removes our chains, and the rules elsewhere that lead to them, from what
 * `iptables-save` says; `''` when there are none. Everything else stays. Where Docker's rules go too, the FORWARD policy
 * that Docker sets to DROP is ACCEPT again.
 */
export function ruleRemoval(saved: string, { docker }: RemovalScope): string {
  const ours = (chain: string): boolean => isClusterChain(chain) || (docker && DOCKER_CHAIN.test(chain));
  const output: string[] = [];
  for (const [, table, body] of saved.matchAll(/^\*(\S+)\n([\s\S]*?)^COMMIT$/gm)) {
    const lines = body!.split('\n');
    const chains = lines.flatMap((line) => /^:(\S+)/.exec(line)?.slice(1, 2) ?? []).filter(ours);
    const leading = lines.filter((line) => {
      const chain = /^-A (\S+)/.exec(line)?.[1];
      if (chain === undefined || ours(chain)) return false;
      const target = / -[jg] (\S+)/.exec(line)?.[1];
      return (target !== undefined && ours(target)) || (docker && DOCKER_LINK.test(line));
    });
    const policy = docker && lines.some((line) => line.startsWith(':FORWARD DROP')) ? [':FORWARD ACCEPT [0:0]'] : [];
    if (chains.length + leading.length + policy.length === 0) continue;
    output.push(
      `*${table}`,
      ...policy,
      // Naming a chain empties it, so that none refers to another when they are removed.
      ...chains.map((chain) => `:${chain} - [0:0]`),
      ...leading.map((line) => line.replace(/^-A/, '-D')),
      ...chains.map((chain) => `-X ${chain}`),
      'COMMIT',
    );
  }
  return output.length === 0 ? '' : `${output.join('\n')}\n`;
}
