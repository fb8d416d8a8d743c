// The library registers its parts by decorators, whose runtime it leaves to us.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/** The attribute of a subject that is its user's uid (`AllowParsingUserUIDFromCertAuth`), and its bytes in a certificate. */
export const USER_UID_ATTRIBUTE = '1.3.6.1.4.1.57683.2';
const ATTRIBUTE_BYTES = Buffer.from([0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xc2, 0x53, 0x02]);

/** A certificate whose uid cannot be told; the message is Kubernetes'. */
export class CertificateUidError extends Error {}

/** The uid that a certificate (DER) names; undefined where it names none, which is nearly always and costs next to nothing. Throws a CertificateUidError. */
export function certificateUid(der: Buffer): string | undefined {
  if (!der.includes(ATTRIBUTE_BYTES)) return undefined;
  const values = new x509.X509Certificate(new Uint8Array(der)).subjectName.getField(USER_UID_ATTRIBUTE);
  if (values.length > 1) throw new CertificateUidError('expected 1 UID, but found multiple');
  const [uid] = values;
  if (uid === '') throw new CertificateUidError('UID cannot be an empty string');
  return uid;
}
