/** The token that a token vendor hands out and a {@link TokenSource} returns: the contract of server and browser. */
export interface VendedToken {
  /** A Momento disposable token. */
  token: string;
  /** Expiry, in seconds since the Unix epoch. */
  exp: number;
  /**
   * Seconds of life left when it was sent. Preferred over `exp`, so that a wrong client clock does not matter; `exp` less
   * this is the server's time, by which a clock that is off by more than five minutes is set right.
   */
  expiresIn?: number | undefined;
  /** The identity inside the token (Momento's token id). */
  userId?: string | undefined;
  /** Origin of a local Momento, for example `http://127.0.0.1:8080`; absent in production. */
  endpoint?: string | undefined;
}
