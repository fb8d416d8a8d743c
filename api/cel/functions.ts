import { AUTHORIZER_FUNCTIONS } from './library/authorizer.ts';
import { CONVERSIONS } from './library/conversions.ts';
import { FORMATS } from './library/formats.ts';
import { JSON_PATCHES } from './library/jsonPatch.ts';
import { LISTS } from './library/lists.ts';
import { NETWORK } from './library/network.ts';
import { OPERATORS } from './library/operatorForms.ts';
import { OPTIONALS } from './library/optionals.ts';
import { QUANTITIES } from './library/quantities.ts';
import { REGEX } from './library/regex.ts';
import { SEMVER } from './library/semver.ts';
import { SETS } from './library/sets.ts';
import { STRINGS } from './library/strings.ts';
import { TIMES } from './library/times.ts';
import { URLS } from './library/urls.ts';
import type { Overload } from './overload.ts';

/** The forms of every function, by its name. */
export type Functions = ReadonlyMap<string, readonly Overload[]>;

let made: Functions | undefined;

/** The functions of Kubernetes' environment for stored expressions; made when first asked for, as most processes never are. */
export function kubernetesFunctions(): Functions {
  if (made) return made;
  const functions = new Map<string, Overload[]>();
  const all = [OPERATORS, CONVERSIONS, STRINGS, TIMES, LISTS, REGEX, URLS, QUANTITIES, NETWORK, FORMATS, SEMVER, SETS, OPTIONALS, AUTHORIZER_FUNCTIONS, JSON_PATCHES];
  for (const overload of all.flat()) {
    const known = functions.get(overload.name);
    if (known) known.push(overload);
    else functions.set(overload.name, [overload]);
  }
  return (made = functions);
}
