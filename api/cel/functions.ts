import { AUTHORIZER_FUNCTIONS } from './library/authorizer.ts';
import { CONVERSIONS } from './library/conversions.ts';
import { FORMATS } from './library/formats.ts';
import { JSON_PATCHES } from './library/jsonPatch.ts';
import { LISTS } from './library/lists.ts';
import { LISTS_EXTENDED } from './library/listsExtended.ts';
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

const ALWAYS = [OPERATORS, CONVERSIONS, STRINGS, TIMES, LISTS, LISTS_EXTENDED, REGEX, URLS, QUANTITIES, NETWORK, FORMATS, SEMVER, SETS, OPTIONALS, AUTHORIZER_FUNCTIONS];

let plain: Functions | undefined;
let mutating: Functions | undefined;

/** The functions of Kubernetes' environment for stored expressions, with those for what makes patches or without; made when first asked for, as most processes never are. */
export function kubernetesFunctions(forMutations: boolean): Functions {
  return forMutations ? (mutating ??= byName([...ALWAYS, JSON_PATCHES])) : (plain ??= byName(ALWAYS));
}

function byName(libraries: readonly (readonly Overload[])[]): Functions {
  const functions = new Map<string, Overload[]>();
  for (const overload of libraries.flat()) {
    const known = functions.get(overload.name);
    if (known) known.push(overload);
    else functions.set(overload.name, [overload]);
  }
  return functions;
}
