import { FeatureGateError, FeatureGates } from './featureGates.ts';
import { ELSEWHERE_FEATURES, KNOWN_FEATURES, SWITCHED_FEATURES } from './knownFeatures.ts';

const faults = (...pairs: string[]): readonly string[] => {
  try {
    FeatureGates.parse(pairs);
  } catch (error) {
    if (error instanceof FeatureGateError) return error.faults;
    throw error;
  }
  return [];
};

test('a feature that this server follows is switched, and stands at its default otherwise', () => {
  expect(FeatureGates.defaults.enabled('ComponentFlagz')).toBe(true);
  expect(FeatureGates.parse(['ComponentFlagz=true', 'ComponentFlagz=F']).enabled('ComponentFlagz')).toBe(false);
});

test('setting what is, what is elsewhere, and all of a stage to what they are, is taken', () => {
  expect(faults('WatchList=true', 'CRDValidationRatcheting=true', 'SchedulerAsyncAPICalls=true', 'AllAlpha=false', 'KMSv1=false')).toEqual([]);
});

test('one that is unknown, locked, wrong, or cannot be switched here is refused', () => {
  expect(faults('Nope=true')).toEqual(['unrecognized feature gate: Nope']);
  expect(faults('AllAlpha')).toEqual(['missing bool value for AllAlpha']);
  expect(faults('AllBeta=maybe')).toEqual(['invalid value of AllBeta=maybe, err: strconv.ParseBool: parsing "maybe": invalid syntax']);
  expect(faults('CRDValidationRatcheting=false')).toEqual(['cannot set feature gate CRDValidationRatcheting to false, feature is locked to true']);
  expect(faults('WatchList=false')).toEqual(['cannot set feature gate WatchList to false, Gantry has it on and cannot switch it']);
});

test('all of a stage: what was said of one counts more', () => {
  const all = faults('AllBeta=false', 'WatchList=true');
  expect(all).toContain('cannot set feature gate OpenAPIEnums to false, Gantry has it on and cannot switch it');
  expect(all.join()).not.toMatch(/WatchList|ComponentFlagz/);
});

test('the lists name features that there are, and none twice', () => {
  const named = [...SWITCHED_FEATURES, ...ELSEWHERE_FEATURES];
  expect(named.filter((each) => !KNOWN_FEATURES.has(each) || KNOWN_FEATURES.get(each)?.locked)).toEqual([]);
  expect(new Set(named).size).toBe(named.length);
});
