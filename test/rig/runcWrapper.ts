import { readFileSync } from 'node:fs';

/** Whether this machine cannot give a container CAP_SYS_RESOURCE (number 24), as `--privileged` and oom scores below 0 want. */
export function withoutSysResource(): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return ((BigInt(`0x${bounding || '0'}`) >> 24n) & 1n) === 0n;
}

/** The text of a program in an OCI runtime's place, which takes out of its input what such a machine forbids, then runs the true one. */
export const runcWrapper = (runc: string): string => `#!/bin/bash
bundle=.; process=; words=("$@")
for ((i = 0; i < \${#words[@]}; i++)); do
  case \${words[i]} in --bundle | -b) bundle=\${words[i + 1]} ;; --process | -p) process=\${words[i + 1]} ;; esac
done
case " $* " in *" exec "*) file=$process ;; *" create "* | *" run "*) file=$bundle/config.json ;; *) file= ;; esac
[ -f "$file" ] && sed -i -e 's/"CAP_SYS_RESOURCE",//g; s/,"CAP_SYS_RESOURCE"//g; s/"CAP_SYS_RESOURCE"//g; s/"oomScoreAdj":-[0-9]*/"oomScoreAdj":0/' "$file"
exec ${runc} "$@"
`;
