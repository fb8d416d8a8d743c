import net from 'node:net';

/** `delayProxy.ts MILLISECONDS LISTEN:TARGET …`: passes TCP connections on to local ports, each piece of data that much later, both ways. */
const [milliseconds = '', ...ways] = process.argv.slice(2);

for (const way of ways) {
  const [listen, target] = way.split(':').map(Number);
  net
    .createServer((incoming) => {
      const outgoing = net.connect(target!, '127.0.0.1');
      for (const [from, to] of [[incoming, outgoing], [outgoing, incoming]] as const) {
        from.on('data', (piece) => setTimeout(() => to.destroyed || to.write(piece), Number(milliseconds)));
        from.on('end', () => setTimeout(() => to.end(), Number(milliseconds)));
        from.on('error', () => to.destroy());
        from.on('close', () => setTimeout(() => to.destroy(), Number(milliseconds)));
      }
    })
    .listen(listen, '0.0.0.0');
}
