import type { V1ServiceSpec } from '../../api/generated/types.ts';
import { settleFamilies } from './ipFamilies.ts';

const POLICY = 'spec.ipFamilyPolicy: Invalid value';
const NO_DUAL = `${POLICY}: "RequireDualStack": this cluster is not configured for dual-stack services`;
const NO_IPV6 = (index: number): string => `spec.ipFamilies[${index}]: Invalid value: "IPv6": not configured on this cluster`;
const WEB = { app: 'web' };
const headless = (more: V1ServiceSpec): V1ServiceSpec => ({ clusterIP: 'None', clusterIPs: ['None'], ...more });
const settled = (policy: string, ...families: string[]): Pick<V1ServiceSpec, 'ipFamilyPolicy' | 'ipFamilies'> => ({ ipFamilyPolicy: policy, ipFamilies: families });

function settle(spec: V1ServiceSpec, before?: V1ServiceSpec): V1ServiceSpec | string[] {
  const copy = structuredClone({ type: 'ClusterIP', ...spec });
  const errors = settleFamilies(copy, before && { type: 'ClusterIP', ...before });
  return errors.length > 0 ? errors.map(({ field, message }) => `${field}: ${message}`) : copy;
}

/** Faults are told in full, of a spec what is of interest. */
const like = (outcome: Partial<V1ServiceSpec> | string[]): unknown => (Array.isArray(outcome) ? outcome : expect.objectContaining(outcome));

test.each<[V1ServiceSpec, Partial<V1ServiceSpec> | string[]]>([
  [{}, settled('SingleStack', 'IPv4')],
  [{ ipFamilyPolicy: 'PreferDualStack' }, settled('PreferDualStack', 'IPv4')],
  [{ ipFamilyPolicy: 'RequireDualStack' }, [NO_DUAL]],
  [{ ipFamilies: ['IPv6'] }, [NO_IPV6(0)]],
  [{ ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] }, [NO_DUAL, NO_IPV6(0)]],
  [{ ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4', 'IPv6'] }, [NO_IPV6(1)]],
  [{ ipFamilies: ['IPv4', 'IPv6'] }, [`${POLICY}: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`]],
  [{ clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'] }, settled('SingleStack', 'IPv4')],
  [{ clusterIP: 'fd00::9', clusterIPs: ['fd00::9'] }, ['spec.clusterIPs[0]: Invalid value: ["fd00::9"]: IPv6 is not configured on this cluster']],
  [{ clusterIP: 'fd00::9', clusterIPs: ['fd00::9'], ipFamilies: ['IPv6'] }, [NO_IPV6(0)]],
  [{ clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9', 'fd00::9'] }, [
    `${POLICY}: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified`,
    'spec.clusterIPs[1]: Invalid value: ["10.96.0.9","fd00::9"]: IPv6 is not configured on this cluster',
  ]],
  [{ clusterIPs: ['10.96.0.9'] }, ['spec.clusterIPs: Invalid value: ["10.96.0.9"]: must be empty when `clusterIP` is not specified']],
  [{ clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.8'] }, ['spec.clusterIPs: Invalid value: ["10.96.0.8"]: first value must match `clusterIP`']],
  [{ ipFamilies: ['IPv5'] }, ['spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"']],
  [headless({ selector: WEB }), settled('SingleStack', 'IPv4')],
  [headless({ selector: WEB, ipFamilyPolicy: 'RequireDualStack' }), [NO_DUAL]],
  [headless({ selector: WEB, ipFamilies: ['IPv6'] }), [NO_IPV6(0)]],
  [headless({}), settled('RequireDualStack', 'IPv4', 'IPv6')],
  [headless({ ipFamilies: ['IPv6'] }), settled('RequireDualStack', 'IPv6', 'IPv4')],
  [headless({ ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6'] }), settled('PreferDualStack', 'IPv6', 'IPv4')],
  [headless({ ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] }), settled('SingleStack', 'IPv6')],
  [headless({ ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] }), [`${POLICY}: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`]],
])('a new Service %j', (spec, outcome) => {
  expect(settle(spec)).toEqual(like(outcome));
});

const ONE: V1ServiceSpec = { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ...settled('SingleStack', 'IPv4') };
const BOTH: V1ServiceSpec = headless(settled('RequireDualStack', 'IPv4', 'IPv6'));

test.each<[string, V1ServiceSpec, V1ServiceSpec, Partial<V1ServiceSpec> | string[]]>([
  ['keeps the policy', { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'] }, ONE, settled('SingleStack', 'IPv4')],
  ['prefers two', { ...ONE, ipFamilyPolicy: 'PreferDualStack' }, ONE, settled('PreferDualStack', 'IPv4')],
  ['prefers two as before', { ...ONE, ipFamilyPolicy: 'PreferDualStack', ports: [] }, { ...ONE, ipFamilyPolicy: 'PreferDualStack' }, settled('PreferDualStack', 'IPv4')],
  ['requires two', { ...ONE, ipFamilyPolicy: 'RequireDualStack' }, ONE, [NO_DUAL]],
  ['wants one by its policy alone', { ...BOTH, ipFamilyPolicy: 'SingleStack' }, BOTH, settled('SingleStack', 'IPv4')],
  ['names fewer without a word', { ...BOTH, ipFamilies: ['IPv4'] }, BOTH, [`${POLICY}: "RequireDualStack": must be 'SingleStack' to release the secondary IP family`]],
  ['names one policy and more families', { ...ONE, ipFamilies: ['IPv4', 'IPv6'] }, ONE, [`${POLICY}: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified`]],
  ['names nothing', headless({}), BOTH, settled('RequireDualStack', 'IPv4', 'IPv6')],
])('an update that %s', (_, spec, before, outcome) => {
  expect(settle(spec, before)).toEqual(like(outcome));
});
