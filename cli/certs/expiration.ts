import { X509Certificate } from 'node:crypto';
import { WARN_BEFORE } from '../../process/certificates.ts';
import { formatTime } from '../../process/clock.ts';
import type { MachineCertificates } from './machineCertificates.ts';

/** kubeadm's `certs check-expiration -o json`, in its shape. */
export interface CertificateExpirationInfo {
  readonly kind: 'CertificateExpirationInfo';
  readonly apiVersion: 'output.kubeadm.k8s.io/v1alpha3';
  readonly certificates: readonly CertificateExpiration[];
  readonly certificateAuthorities: readonly CertificateExpiration[];
}

export interface CertificateExpiration {
  readonly name: string;
  readonly expirationDate: string;
  /** Seconds; negative when it has ended. */
  readonly residualTime: number;
  /** Whether `certs renew` leaves it to somebody else: the authority's key is not here, or the node's agent renews it. */
  readonly externallyManaged: boolean;
  readonly caName?: string;
}

/** When each certificate of the machine ends, seen at `now` (wall-clock milliseconds). */
export function expirationInfo({ leaves, authorities }: MachineCertificates, now: number): CertificateExpirationInfo {
  const times = (pem: string): Pick<CertificateExpiration, 'expirationDate' | 'residualTime'> => {
    const end = Date.parse(new X509Certificate(pem).validTo);
    return { expirationDate: formatTime(end), residualTime: Math.floor((end - now) / 1000) };
  };
  return {
    kind: 'CertificateExpirationInfo',
    apiVersion: 'output.kubeadm.k8s.io/v1alpha3',
    certificates: leaves.map(({ name, kind, certificate, authority }) => ({
      name,
      ...times(certificate),
      externallyManaged: kind === 'rotated' || !authorities.some((each) => each.name === authority && each.signs),
      ...(authority === undefined ? {} : { caName: authority }),
    })),
    certificateAuthorities: authorities.map(({ name, certificate, signs }) => ({ name, ...times(certificate), externallyManaged: !signs })),
  };
}

/** Those that end within 30 days, or have ended. */
export function endingSoon({ certificates, certificateAuthorities }: CertificateExpirationInfo): CertificateExpiration[] {
  return [...certificates, ...certificateAuthorities].filter(({ residualTime }) => residualTime * 1000 < WARN_BEFORE);
}

/** kubeadm's two tables. */
export function expirationTable({ certificates, certificateAuthorities }: CertificateExpirationInfo): string {
  const cells = ({ expirationDate, residualTime, externallyManaged }: CertificateExpiration): [string, string, string] => [longDate(expirationDate), shortDuration(residualTime), externallyManaged ? 'yes' : 'no'];
  const leaves = certificates.map((each) => {
    const [date, left, external] = cells(each);
    return [each.name, date, left, each.caName ?? '<unknown>', external];
  });
  const authorities = certificateAuthorities.map((each) => [each.name, ...cells(each)]);
  return `${columns([['CERTIFICATE', 'EXPIRES', 'RESIDUAL TIME', 'CERTIFICATE AUTHORITY', 'EXTERNALLY MANAGED'], ...leaves])}\n\n${columns([['CERTIFICATE AUTHORITY', 'EXPIRES', 'RESIDUAL TIME', 'EXTERNALLY MANAGED'], ...authorities])}`;
}

function columns(rows: ReadonlyArray<readonly string[]>): string {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at]!)).join('   ').trimEnd()).join('\n');
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mar 01, 2027 00:05 UTC`. */
function longDate(time: string): string {
  const [, year, month, day, clock] = /^(\d+)-(\d+)-(\d+)T(\d+:\d+)/.exec(time) ?? [];
  return `${MONTHS[Number(month) - 1]} ${day}, ${year} ${clock} UTC`;
}

/** As apimachinery's `ShortHumanDuration`: the largest unit alone. */
export function shortDuration(seconds: number): string {
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return seconds < 365 * 86_400 ? `${Math.floor(seconds / 86_400)}d` : `${Math.floor(seconds / (365 * 86_400))}y`;
}

/** What `gantry status` tells; nothing where nothing ends soon. */
export function expirationWarnings(info: CertificateExpirationInfo): string[] {
  return endingSoon(info).map(({ name, residualTime }) => (residualTime < 0 ? `The certificate ${name} has ended` : `The certificate ${name} ends in ${shortDuration(residualTime)}`) + ': bin/gantry certs check');
}
