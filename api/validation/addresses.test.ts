import { validateOrdinaryAddress } from './addresses.ts';

test.each([
  ['10.0.0.1'], ['fd00::1'], ['224.0.1.1'], ['ff05::1'], ['169.253.255.255'],
  ['0.0.0.0', 'may not be unspecified (0.0.0.0)'], ['0:0::0', 'may not be unspecified (0:0::0)'],
  ['127.1.2.3', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'], ['0:0:0:0:0:0:0:1', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ['169.254.169.254', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'], ['FEBF::9', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  ['224.0.0.1', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'], ['ff12::1', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
])('%s', (address, ...messages) => {
  expect(validateOrdinaryAddress('ip', address).map(({ message }) => message)).toEqual(messages.map((each) => `Invalid value: ${JSON.stringify(address)}: ${each}`));
});
