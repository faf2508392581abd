import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { get } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { pubsub } from '@gomomento/generated-types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeText, messageFrame } from '../../src/local/front-ends/grpc-web-framing.js';
import { type LocalMomento, startLocalMomento } from '../../src/local/index.js';
import { CERTIFICATE } from '../local/support/certificate.js';
import { outcome } from '../local/support/outcome.js';
import { clientsOf } from '../local/support/sdk-clients.js';

const messages = pubsub.cache_client.pubsub;
const { definition } = messages.UnimplementedPubsubService;

let momento: LocalMomento;
let session: ClientHttp2Session;

beforeEach(async () => {
  momento = await startLocalMomento({ caches: ['chat'], tls: CERTIFICATE });
  session = connect(`https://127.0.0.1:${momento.port}`, { ca: CERTIFICATE.cert });
  session.on('error', () => {});
});
afterEach(async () => {
  session.destroy();
  await momento.close();
});

const token = (): string =>
  (JSON.parse(Buffer.from(momento.apiKey, 'base64').toString()) as { api_key: string }).api_key;

function call(path: string, message: Uint8Array, authorization = token()): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc-web-text',
    origin: 'https://app.localhost',
    authorization,
  });
  stream.on('error', () => {});
  stream.end(messageFrame(message).toString('base64'));
  return stream;
}

interface Open {
  stream: ClientHttp2Stream;
  text: string;
}
const subscribe = (topic: string): Open => {
  const request = new messages._SubscriptionRequest({ cache_name: 'chat', topic });
  const open: Open = { stream: call(definition.Subscribe.path, request.serialize()), text: '' };
  open.stream.setEncoding('latin1').on('data', (chunk: string) => {
    open.text += chunk;
  });
  return open;
};
const received = ({ text }: Open): string => decodeText(text).toString('latin1');
const publish = async (topic: string, text: string): Promise<void> => {
  const request = new messages._PublishRequest({
    cache_name: 'chat',
    topic,
    value: new messages._TopicValue({ text }),
  });
  const stream = call(definition.Publish.path, request.serialize());
  for await (const _ of stream);
};

describe('with a certificate the port', () => {
  it('says where it is reached over TLS', () => {
    expect(momento.secureUrl).toBe(`https://127.0.0.1:${momento.port}`);
  });

  it('carries 20 streams and their calls on one HTTP/2 connection', async () => {
    const streams = Array.from({ length: 20 }, () => subscribe('t'));
    await expect.poll(() => streams.every(({ text }) => text.length > 0)).toBe(true);
    await publish('t', 'to all of you');
    await expect.poll(() => streams.filter((one) => received(one).includes('to all of you')).length).toBe(20);
    streams[0]?.stream.close();
    await publish('t', 'to the rest');
    await expect.poll(() => streams.filter((one) => received(one).includes('to the rest')).length).toBe(19);
  });

  it('answers refusals in headers that pages of any origin may read', async () => {
    const stream = call(definition.Publish.path, new messages._PublishRequest().serialize(), 'nonsense');
    const headers = await new Promise<Record<string, unknown>>((resolve) => stream.on('response', resolve));
    expect(headers['grpc-status']).toBe('16');
    expect(headers['access-control-allow-origin']).toBe('https://app.localhost');
    const preflight = session.request({
      ':method': 'OPTIONS',
      ':path': '/',
      'access-control-request-headers': 'authorization',
    });
    const allowed = await new Promise<Record<string, unknown>>((resolve) =>
      preflight.on('response', resolve),
    );
    expect(allowed[':status']).toBe(204);
    expect(allowed['access-control-allow-headers']).toBe('authorization');
  });

  it('speaks HTTP/1 over TLS to those who know no better', async () => {
    const status = await new Promise((resolve, reject) => {
      const request = get(
        `${momento.secureUrl}/health`,
        { ca: CERTIFICATE.cert, agent: false },
        (response) => {
          response.resume();
          resolve(`${response.statusCode} HTTP/${response.httpVersion}`);
        },
      );
      request.on('error', reject);
    });
    expect(status).toBe('200 HTTP/1.1');
  });

  it('still speaks plain HTTP and gRPC', async () => {
    expect((await fetch(`${momento.url}/health`)).status).toBe(200);
    const clients = await clientsOf('@gomomento/sdk', momento);
    expect(outcome(await clients.cache.set('chat', 'k', 'v'))).toBe('Success');
    clients.close();
  });

  it('breaks with the rest when connections are dropped', async () => {
    const open = subscribe('t');
    await expect.poll(() => open.text.length).toBeGreaterThan(0);
    const closed = new Promise((resolve) => session.once('close', resolve));
    expect(momento.faults.dropConnections()).toBe(1);
    await closed;
  });

  it('loses an answer on demand, and the connection with it', async () => {
    momento.faults.dropResponses({ rpc: 'Publish' });
    const closed = new Promise((resolve) => session.once('close', resolve));
    const request = new messages._PublishRequest({
      cache_name: 'chat',
      topic: 't',
      value: new messages._TopicValue({ text: 'v' }),
    });
    call(definition.Publish.path, request.serialize());
    await closed;
  });

  it('survives a handshake that goes wrong', async () => {
    const socket = connectTcp(momento.port, '127.0.0.1');
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    socket.write(Buffer.from([0x16, 255, 255, 255, 255, 1, 2, 3, 4, 5, 6, 7]));
    await closed;
    expect((await fetch(`${momento.url}/health`)).status).toBe(200);
  });
});

it('closes with HTTP/2 streams open', async () => {
  const open = subscribe('t');
  await expect.poll(() => open.text.length).toBeGreaterThan(0);
  await momento.close();
});
