import { parseFlows } from './conntrack.ts';

test('a listing is read, answered flows and others', () => {
  const listing = `udp      17 29 src=10.0.0.1 dst=10.96.0.10 sport=4242 dport=53 [UNREPLIED] src=10.244.0.2 dst=10.0.0.1 sport=5353 dport=4242 mark=0 use=1
udp      17 117 src=10.0.0.1 dst=10.96.0.11 sport=4243 dport=53 src=10.244.0.3 dst=10.0.0.1 sport=53 dport=4243 [ASSURED] mark=0 secctx=null use=1
`;
  expect(parseFlows(listing)).toEqual([
    { destination: '10.96.0.10', destinationPort: 53, replySource: '10.244.0.2', replySourcePort: 5353 },
    { destination: '10.96.0.11', destinationPort: 53, replySource: '10.244.0.3', replySourcePort: 53 },
  ]);
});
