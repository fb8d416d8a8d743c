import type { V1AppArmorProfile, V1SeccompProfile, V1WindowsSecurityContextOptions } from '../../../generated/types.ts';
import { invalid, notSupported, required, tooLong, type FieldError } from '../../../fieldError.ts';
import { invalidEach } from '../../../validation/fields.ts';
import { rangeMessage, validateDns1123Subdomain } from '../../../validation/names.ts';
import { localDescendingPath } from '../volumes/paths.ts';
import { internalForm } from '../../internalForm.ts';

const MAX_ID = 2 ** 31 - 1;
const TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
/** A path without its final zero. */
const MAX_PROFILE_LENGTH = 4095;
const MAX_CREDENTIAL_KIB = 64;
const MAX_DOMAIN_LENGTH = 256;
const MAX_USER_LENGTH = 104;
// What a Windows user name may not contain.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
const NETBIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const DNS_DOMAIN = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);

/** Users and groups are numbers that Linux can hold. */
export function validateIds<K extends string>(field: string, context: Partial<Record<K, number>>, names: readonly K[]): FieldError[] {
  return names.flatMap((name) => validateId(`${field}.${name}`, context[name]));
}

export function validateId(field: string, id: number | undefined): FieldError[] {
  return id === undefined || (id >= 0 && id <= MAX_ID) ? [] : [invalid(field, id, rangeMessage(0, MAX_ID))];
}

/** `validateSeccompProfileField`. */
export function validateSeccomp(field: string, profile: V1SeccompProfile | undefined): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const errors: FieldError[] = [];
  if (!type) errors.push(required(`${field}.type`, 'type is required when seccompProfile is set'));
  else if (!TYPES.includes(type)) errors.push(notSupported(`${field}.type`, type, TYPES));
  if (type !== 'Localhost') return localhostProfile === undefined ? errors : [...errors, invalid(`${field}.localhostProfile`, internalForm('Profile', profile), 'can only be set when seccomp type is Localhost')];
  if (localhostProfile === undefined) return [...errors, required(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost')];
  return [...errors, ...localDescendingPath(`${field}.localhostProfile`, localhostProfile)];
}

/** `ValidateAppArmorProfileField`. */
export function validateAppArmor(field: string, profile: V1AppArmorProfile | undefined): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const path = `${field}.localhostProfile`;
  if (!type) return [required(`${field}.type`, 'type is required when appArmorProfile is set')];
  if (!TYPES.includes(type)) return [notSupported(`${field}.type`, type, TYPES)];
  if (type !== 'Localhost') return localhostProfile === undefined ? [] : [invalid(path, localhostProfile, 'can only be set when AppArmor type is Localhost')];
  if (!localhostProfile) return [required(path, 'must be set when AppArmor type is Localhost')];
  return [
    ...(localhostProfile === localhostProfile.trim() ? [] : [invalid(path, localhostProfile, 'must not be padded with whitespace')]),
    ...(Buffer.byteLength(localhostProfile) > MAX_PROFILE_LENGTH ? [tooLong(path, MAX_PROFILE_LENGTH)] : []),
  ];
}

/** `validateWindowsSecurityContextOptions`. */
export function validateWindowsOptions(field: string, options: V1WindowsSecurityContextOptions | undefined): FieldError[] {
  if (!options) return [];
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: credential, runAsUserName: user } = options;
  const errors = name === undefined ? [] : invalidEach(`${field}.gmsaCredentialSpecName`, name, validateDns1123Subdomain(name));
  if (credential === '') errors.push(invalid(`${field}.gmsaCredentialSpec`, credential, 'gmsaCredentialSpec cannot be an empty string'));
  else if (credential !== undefined && Buffer.byteLength(credential) > MAX_CREDENTIAL_KIB * 1024) {
    errors.push(invalid(`${field}.gmsaCredentialSpec`, credential, `gmsaCredentialSpec size must be under ${MAX_CREDENTIAL_KIB} KiB`));
  }
  return user === undefined ? errors : [...errors, ...invalidEach(`${field}.runAsUserName`, user, userNameMessages(user))];
}

/** `DOMAIN\user`, or a user alone. */
function userNameMessages(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (CONTROL.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const user = parts.at(-1) ?? '';
  const domain = parts.length === 2 ? parts[0] : undefined;
  const messages: string[] = [];
  if ((domain?.length ?? 0) >= MAX_DOMAIN_LENGTH) messages.push(`runAsUserName's Domain length must be under ${MAX_DOMAIN_LENGTH} characters`);
  if (domain !== undefined && !NETBIOS.test(domain) && !DNS_DOMAIN.test(domain)) messages.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user === '') messages.push("runAsUserName's User cannot be empty");
  else if (user.length > MAX_USER_LENGTH) messages.push(`runAsUserName's User length must not be longer than ${MAX_USER_LENGTH} characters`);
  if (/^[. ]+$/.test(user)) messages.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) messages.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]');
  return messages;
}
