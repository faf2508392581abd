/**
 * W of guarantee G2, in milliseconds. Rooms read the head of the list when their subscription goes live and once
 * more W later; a message stored later than W after it was published is published again.
 */
export const SETTLE_MS = 2000;
