import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterSettings } from '../clusterSettings.ts';
import { type MachineRole, readRole } from '../machineRole.ts';
import { readPlan, type SupervisorPlan } from '../supervisor/supervisorFiles.ts';
import { services } from '../up/services.ts';
import { UserError } from '../invocation.ts';
import type { EtcdAccess } from './save.ts';
import type { RestoredMember } from './restoreData.ts';

/** The etcd member of this machine as its service is told to be, or as `up` would tell it; undefined: the cluster's etcd is elsewhere. */
export function ownMember(settings: ClusterSettings): RestoredMember | undefined {
  const programs = { node: '', gantry: '', etcd: 'etcd', dockerd: undefined, dockerdKnowsLiveRestore: false };
  const list = readPlan(settings.paths)?.services ?? services(settings, programs, readRole(settings.paths));
  const command = list.find(({ name }) => name === 'etcd')?.command;
  if (!command) return undefined;
  const flag = (name: string): string => {
    const word = command.find((each) => each.startsWith(`--${name}=`));
    if (word === undefined) throw new Error(`the service etcd of this machine is started without --${name}`);
    return word.slice(name.length + 3);
  };
  return { name: flag('name'), peerUrl: flag('initial-advertise-peer-urls').split(',')[0]!, dataDir: flag('data-dir') };
}

/** The member on this machine, where there is one: others are asked only if it does not answer. */
function endpointsOf(role: MachineRole | undefined, port: number): readonly string[] {
  return role?.externalEtcd?.endpoints ?? [...(role?.etcd === false ? [] : [`https://127.0.0.1:${port}`]), ...(role?.otherMembers ?? [])];
}

const ETCD_SERVERS = '--set=apiserver.etcd-servers=';

/** The same services for a machine whose etcd is a cluster of its own again: of the other members nobody speaks any more. */
export function withoutOtherMembers(plan: SupervisorPlan): SupervisorPlan {
  return { ...plan, services: plan.services.map((service) => (service.name === 'server' ? { ...service, command: service.command.filter((word) => !word.startsWith(ETCD_SERVERS)) } : service)) };
}

/** The machine's role then. */
export function aloneInRole({ controlPlane, etcd, externalEtcd, words, joined }: MachineRole): MachineRole {
  return { controlPlane, etcd, words, ...(externalEtcd ? { externalEtcd } : {}), ...(joined === undefined ? {} : { joined }) };
}

/** How an operator's flags say where etcd is; empty ones mean this machine's own. */
export interface EtcdFlags {
  readonly endpoints: readonly string[];
  readonly cacert: string;
  readonly cert: string;
  readonly key: string;
}

/** Throws a `UserError` where there are no certificates for it. */
export function etcdAccess({ paths, ports }: ClusterSettings, flags: EtcdFlags): EtcdAccess {
  const read = (given: string, file: string): string => {
    const path = given || join(paths.pki, file);
    if (!existsSync(path)) throw new UserError(`There is no ${path}: etcd is asked with the cluster's own certificates. Name others with --cacert, --cert and --key.`);
    return readFileSync(path, 'utf8');
  };
  return {
    endpoints: flags.endpoints.length > 0 ? flags.endpoints : endpointsOf(readRole(paths), ports.etcdClient),
    tls: { ca: read(flags.cacert, 'etcd/ca.crt'), cert: read(flags.cert, 'apiserver-etcd-client.crt'), key: read(flags.key, 'apiserver-etcd-client.key') },
  };
}
