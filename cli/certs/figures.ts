import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import type { ComponentContext } from '../../process/component.ts';
import type { Metrics } from '../../process/metrics.ts';
import type { Paths } from '../clusterSettings.ts';
import { readSchedule, snapshotTime } from '../snapshot/schedule.ts';
import { machineCertificates } from './machineCertificates.ts';

/** Reading two dozen files takes a millisecond or two; they change once a year. */
const LOOK_MILLISECONDS = 60_000;

/** Adds figures to alert on: when each certificate of this machine ends, and when its last scheduled snapshot was taken. Seconds since the epoch. */
export function upkeepFigures(metrics: Metrics, paths: Paths, { clock, logger }: ComponentContext): void {
  const ends = metrics.gauge('gantry_certificate_expiration_timestamp_seconds', 'When a certificate of this machine ends, in seconds since the epoch', ['name', 'authority']);
  const snapshot = metrics.gauge('gantry_snapshot_last_timestamp_seconds', 'When the last scheduled snapshot of etcd was taken by this machine; 0: none, or no schedule');
  let looked = Number.NEGATIVE_INFINITY;
  metrics.beforeScrape(() => {
    if (clock.monotonic() - looked < LOOK_MILLISECONDS) return;
    looked = clock.monotonic();
    try {
      look();
    } catch (error) {
      // The other figures are worth more than these.
      logger.warn('the certificates of this machine cannot be read', { error });
    }
  });
  const look = (): void => {
    ends.reset();
    const { leaves, authorities } = machineCertificates(paths);
    for (const { name, certificate, authority } of leaves) ends.set({ name, authority: authority ?? '' }, endOf(certificate));
    for (const { name, certificate } of authorities) ends.set({ name, authority: name }, endOf(certificate));
    const folder = readSchedule(paths)?.folder ?? '';
    snapshot.set(existsSync(folder) ? Math.max(0, ...readdirSync(folder).map((name) => (snapshotTime(name) ?? 0) / 1000)) : 0);
  };
}

const endOf = (certificate: string): number => Date.parse(new X509Certificate(certificate).validTo) / 1000;
