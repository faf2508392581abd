import { expect, it, vi } from 'vitest';
import { type ChatLogger, writeLog } from '../../src/shared/logger.js';

it('a logger that throws or rejects harms nobody', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const rejecting = async () => {
    throw new Error('the disk is full');
  };
  const throwing = () => {
    throw new Error('the disk is full');
  };
  const logger: ChatLogger = { debug: rejecting, info: rejecting, warn: throwing, error: throwing };
  for (const level of ['debug', 'info', 'warn', 'error'] as const) writeLog(logger, level, 'a line', {});
  // Node tells of unhandled rejections before the next immediate.
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
