import { createTokenVendor, type TokenVendor } from 'momento-chat/server';

let vendor: TokenVendor | undefined;

function handle(request: Request): Promise<Response> {
  vendor ??= createTokenVendor({
    auth: { apiKey: process.env.MOMENTO_API_KEY ?? '', endpoint: process.env.MOMENTO_ENDPOINT ?? '' },
    rooms: ['lobby'],
    trustProxy: 1,
  });
  return vendor.fetch(request);
}

export { handle as GET, handle as POST };
