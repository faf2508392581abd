/** A request as any platform can tell it; what costs something is only asked for when it is needed. */
export interface Exchange {
  method: string;
  /** The text that follows the `?`, or an empty string. */
  query: string;
  /** A header by its lower-case name. */
  header(name: string): string | undefined;
  /** The address at the other end of the connection, where it is known. */
  peer: string | undefined;
  /**
   * The body, read once and within its limits: parsed if somebody has done that already, its text otherwise. Rejects
   * with a VendorError.
   */
  body(): Promise<unknown>;
  /** The request for `authenticate`. Called after {@link body}, when there is one. */
  toRequest(): Request;
}

/** The answer to send back. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | undefined;
}
