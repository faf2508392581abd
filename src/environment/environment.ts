import { type Connectivity, systemConnectivity } from './connectivity.js';
import { type Scheduler, systemScheduler } from './scheduler.js';

/** Everything the library takes from its surroundings. */
export interface Environment {
  scheduler: Scheduler;
  connectivity: Connectivity;
}

export const systemEnvironment: Environment = {
  scheduler: systemScheduler,
  connectivity: systemConnectivity,
};
