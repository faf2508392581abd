import { ObservableValue } from '../shared/observable.js';

/** Tells that a room is joined that had troubles: what failed as well may succeed by now. Another object each time. */
export const rejoined = /* @__PURE__ */ new ObservableValue({});
