import { FlagError } from '../../process/flags.ts';

/** Throws where there are faults: one as it is, several as Kubernetes lists them. */
export function throwFaults(faults: readonly string[]): void {
  const distinct = [...new Set(faults)];
  if (distinct.length > 0) throw new FlagError(distinct.length === 1 ? distinct[0] : `[${distinct.join(', ')}]`);
}
