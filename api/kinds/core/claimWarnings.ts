import type { V1PersistentVolumeClaimSpec } from '../../generated/types.ts';
import { formatQuantity, milliValue, tryParseQuantity } from '../../values/quantity.ts';
import { ANNOTATION_BETA_STORAGE_CLASS } from '../../wellKnown.ts';

/** Bytes cannot be divided (`GetWarningsForPersistentVolumeClaimSpec`); `field` is the path of the claim's spec. */
export function claimSpecWarnings(field: string, { resources }: V1PersistentVolumeClaimSpec): string[] {
  return [['requests', resources?.requests?.storage], ['limits', resources?.limits?.storage]].flatMap(([list, text]) => fractionWarning(`${field}.resources.${list}[storage]`, text));
}

/** Of an amount of bytes that is not whole. */
export function fractionWarning(field: string, text: string | undefined): string[] {
  const quantity = text === undefined ? undefined : tryParseQuantity(text);
  return quantity && milliValue(quantity) % 1000 !== 0 ? [`${field}: fractional byte value ${JSON.stringify(formatQuantity(quantity))} is invalid, must be an integer`] : [];
}

/** Of claims and of volumes. */
export function storageClassWarnings(annotations: Readonly<Record<string, string>> | undefined): string[] {
  return annotations?.[ANNOTATION_BETA_STORAGE_CLASS] === undefined ? [] : [`metadata.annotations[${ANNOTATION_BETA_STORAGE_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`];
}
