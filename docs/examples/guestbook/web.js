// The guestbook's front end: shows what is in the database. It speaks Redis' protocol itself, so that it needs no packages.
const { connect } = require('node:net');
const { createServer } = require('node:http');
const { hostname } = require('node:os');

const { VERSION, GREETING, DATABASE_PASSWORD } = process.env;

createServer((request, response) => {
  console.log(`${request.method} ${request.url}`);
  if (request.url === '/healthz') return response.end('ok\n');
  if (request.method === 'POST') {
    request.setEncoding('utf8');
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => answer(response, command('RPUSH', 'entries', text.trim()).then(() => 'Thank you\n')));
  } else answer(response, page());
}).listen(8080, () => console.log(`version ${VERSION} listens`));

async function page() {
  const entries = await command('LRANGE', 'entries', '0', '-1');
  return [`${GREETING} (version ${VERSION}, ${hostname()})`, ...entries.map((entry) => `- ${entry}`), ''].join('\n');
}

async function answer(response, promise) {
  try {
    response.end(await promise);
  } catch (error) {
    console.error(error.message);
    response.writeHead(503).end(`The database: ${error.message}\n`);
  }
}

/** Sends one command on a connection of its own; gives the reply's strings. */
function command(...words) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: 'database', port: 6379 });
    const encode = (list) => `*${list.length}\r\n${list.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
    let text = '';
    socket.setEncoding('utf8').setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    // QUIT makes the server end the connection, and so the reply.
    socket.end(encode(['AUTH', DATABASE_PASSWORD]) + encode(words) + encode(['QUIT']));
    socket.on('data', (chunk) => (text += chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      const lines = text.split('\r\n');
      const refusal = lines.find((line) => line.startsWith('-'));
      if (refusal) reject(new Error(refusal.slice(1)));
      else resolve(lines.flatMap((line, at) => (line.startsWith('$') ? [lines[at + 1]] : [])));
    });
  });
}

// The first process of a container ends by SIGTERM only when it says so.
process.on('SIGTERM', () => process.exit(0));
