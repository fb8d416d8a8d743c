import { masqueradeInput, masqueradeRemoval, masqueradeRules, masqueradeStands } from './masquerade.ts';

const settings = { clusterCIDR: '10.244.0.0/16', nonMasqueradeCIDRs: ['192.168.0.0/16'], device: 'gantry-vxlan' };
const rules = masqueradeRules(['10.244.3.0/24'], settings);
const JUMP = '-A POSTROUTING -m comment --comment "gantry postrouting rules" -j GANTRY-POSTROUTING';

test('only what this node’s pods send out of the cluster is masqueraded', () => {
  expect(rules.slice(1, 4)).toEqual(['-d 10.244.0.0/16 -j RETURN', '-d 224.0.0.0/4 -j RETURN', '-d 192.168.0.0/16 -j RETURN']);
  expect(rules[4]).toContain('-s 10.244.3.0/24 -m addrtype ! --dst-type LOCAL -j MASQUERADE');
});

test('the jump is added once', () => {
  expect(masqueradeInput(rules, '*nat\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n')).toContain(JUMP);
  expect(masqueradeInput(rules, `*nat\n:POSTROUTING ACCEPT [0:0]\n${JUMP}\nCOMMIT\n`)).not.toContain(JUMP);
});

test('a flushed table is noticed, and removal leaves nothing', () => {
  const saved = `*nat\n:POSTROUTING ACCEPT [0:0]\n:GANTRY-POSTROUTING - [0:0]\n${JUMP}\n${rules.map((rule) => `-A GANTRY-POSTROUTING ${rule}`).join('\n')}\nCOMMIT\n`;
  expect(masqueradeStands(rules, saved)).toBe(true);
  expect(masqueradeStands(rules, saved.replace(JUMP, ''))).toBe(false);
  expect(masqueradeStands(rules, '*nat\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n')).toBe(false);
  expect(masqueradeRemoval(saved).split('\n')).toEqual(['*nat', ':GANTRY-POSTROUTING - [0:0]', JUMP.replace('-A', '-D'), '-X GANTRY-POSTROUTING', 'COMMIT', '']);
  expect(masqueradeRemoval('*nat\nCOMMIT\n')).toBe('');
});
