// The process of the local Momento.
import { startLocalMomento } from 'momento-chat/local';

const { port, url, apiKey } = await startLocalMomento({ caches: ['chat'] });
process.once('disconnect', () => process.exit());
process.send?.({ port, url, apiKey });
