import { booleanFlag, durationFlag, type FlagValues, listFlag, stringFlag } from '../../process/flags.ts';
import { externalEtcdFlags } from '../up/externalEtcd.ts';

export const schedulableFlag = booleanFlag(false, 'let a control plane go on taking pods when other machines do');

export const upFlags = { ...externalEtcdFlags, schedulable: schedulableFlag };
export type UpFlags = FlagValues<typeof upFlags>;

export const joinFlags = {
  token: stringFlag('', 'the token of gantry token create'),
  'discovery-token-ca-cert-hash': listFlag([], "sha256:… of the key of the cluster's authority, by which the cluster is known"),
  'control-plane': booleanFlag(false, 'run an API server, scheduler and controller manager here too'),
  'certificate-key': stringFlag('', 'the key of the shared certificates, of gantry token create --control-plane'),
  etcd: booleanFlag(false, 'run a member of etcd here too (with --control-plane)'),
  schedulable: schedulableFlag,
  ...externalEtcdFlags,
};
export type JoinFlags = FlagValues<typeof joinFlags>;

export const leaveFlags = {
  drain: booleanFlag(true, "evict this node's pods first, as kubectl drain does"),
  timeout: durationFlag(120_000, 'how long draining may take'),
  force: booleanFlag(false, 'leave although the cluster cannot be told of it'),
};
export type LeaveFlags = FlagValues<typeof leaveFlags>;
