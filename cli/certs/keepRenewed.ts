import type { ComponentContext } from '../../process/component.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { endingSoon, expirationInfo, shortDuration } from './expiration.ts';
import { machineCertificates } from './machineCertificates.ts';
import { renewCertificates } from './renew.ts';

/**
 * Looks at this machine's certificates, now and after every period (milliseconds), until the signal: renews the leaves that are due and can be
 * signed here, and warns of whatever ends within 30 days all the same.
 */
export async function keepRenewed(settings: ClusterSettings, period: number, { clock, logger, signal }: ComponentContext): Promise<void> {
  while (!signal.aborted) {
    try {
      const renewed = await renewCertificates(settings, { dueOnly: true }, clock.now());
      if (renewed.length > 0) logger.info('renewed certificates', { names: renewed });
      for (const { name, residualTime } of endingSoon(expirationInfo(machineCertificates(settings.paths), clock.now()))) logger.warn('a certificate ends soon', { certificate: name, left: shortDuration(residualTime) });
    } catch (error) {
      logger.error('the certificates could not be renewed', { error });
    }
    await clock.sleep(period, signal);
  }
}
