import { createTokenVendor } from 'momento-chat/server';

let vendor;

function handle(request) {
  // Not while the module loads: `next build` loads it, where there are no secrets.
  vendor ??= createTokenVendor({
    auth: { apiKey: process.env.MOMENTO_API_KEY ?? '', endpoint: process.env.MOMENTO_ENDPOINT ?? '' },
    rooms: ['general'],
    trustProxy: 1,
  });
  return vendor.fetch(request);
}

export { handle as GET, handle as POST };
