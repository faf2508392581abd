export {
  createLocalEngine,
  type FaultInjector,
  type LocalEngine,
  type LocalEngineOptions,
  type LocalMomento,
  type LocalMomentoOptions,
  type LocalPermission,
  MOMENTO_LIMITS,
  type Restore,
} from '../local/index.js';
export { type MomentoHandlersOptions, momentoHandlers } from './msw-handlers.js';
export { RoomTokens, type TestToken } from './room-tokens.js';
export { TestClock } from './test-clock.js';
export {
  type MomentoFixture,
  type StartedFixture,
  startTestMomento,
  type TestMomentoOptions,
  withLocalMomento,
} from './with-local-momento.js';
