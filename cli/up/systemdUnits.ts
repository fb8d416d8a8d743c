import type { Service } from '../supervisor/supervisorFiles.ts';

export interface Unit {
  readonly file: string;
  readonly content: string;
}

/** Name of a service's unit. */
export const unitName = (cluster: string, service: string): string => `${cluster}-${service}.service`;

/** One unit per service, each after the one before; they start again by themselves and come back after a reboot. */
export function systemdUnits(cluster: string, services: readonly Service[]): Unit[] {
  return services.map(({ name, command, environment, stopMilliseconds }, at) => {
    const before = services.slice(0, at).map((each) => unitName(cluster, each.name));
    return {
      file: unitName(cluster, name),
      content: `[Unit]
Description=${cluster}: ${name}
After=${['network-online.target', 'docker.service', ...before].join(' ')}
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=${command.map(quote).join(' ')}
${Object.entries(environment).map(([key, value]) => `Environment=${quote(`${key}=${value}`)}`).join('\n')}
Restart=always
RestartSec=1
KillMode=process
TimeoutStopSec=${Math.ceil(stopMilliseconds / 1000)}
LimitNOFILE=1048576
OOMScoreAdjust=-900

[Install]
WantedBy=multi-user.target
`,
    };
  });
}

/** systemd's own quoting: `%` and `$` are its variables, `"` and `\` are C's. */
function quote(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', '$$$$').replace(/["\\]/g, '\\$&');
  return /[\s"'\\;]/.test(word) || word === '' ? `"${escaped}"` : escaped;
}
