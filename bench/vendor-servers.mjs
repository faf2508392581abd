// The process that bench/vendor.ts measures: a vendor and a bare handler, so that they share whatever state
// Node is in. Plain JavaScript, so that nothing stands between Node and the built package.
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const { createTokenVendor } = await import(pathToFileURL(process.argv[2]).href);

const listen = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

const vendor = createTokenVendor({
  auth: {
    async generateDisposableToken(_, expiresIn) {
      const epoch = Math.floor(Date.now() / 1000) + expiresIn.seconds();
      return { type: 'Success', authToken: 'x'.repeat(700), expiresAt: { epoch: () => epoch } };
    },
  },
  rooms: ['lobby'],
  rateLimit: { perIp: 1_000_000_000, windowSeconds: 3600 },
});
const vendorPort = await listen(createServer(vendor));

const answer = await fetch(`http://127.0.0.1:${vendorPort}/token?room=lobby`);
const body = await answer.text();
const headers = Object.fromEntries(
  [...answer.headers].filter(([name]) => !['connection', 'date', 'keep-alive'].includes(name)),
);
const barePort = await listen(
  createServer((_, res) => {
    res.writeHead(200, headers);
    res.end(body);
  }),
);
process.send({ vendorPort, barePort });
process.on('disconnect', () => process.exit());
